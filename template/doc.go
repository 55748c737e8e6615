// Package template finds which style a page is, which way up it lies and where every point of the blank fell on the
// scan, with the evidence for it, or a typed reason why not. It also finds a blank's targets and printed codes, and builds
// clean blanks from voted pages; package author makes definitions with that.
package template
