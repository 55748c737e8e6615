// Package cvr writes the cast-vote records: one per sheet, as a NIST SP 1500-103 report and as flat CSV.
package cvr
