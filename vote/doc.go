// Package vote decides: from the marks measured on one sheet, the contest rules and the limits, each target becomes a
// vote, questionable or none, and each contest its votes, overvotes and undervotes. It never changes a measurement.
package vote
