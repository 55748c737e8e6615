// Package template finds which style a page is, which way up it lies and where every point of the blank fell on the
// scan, with the evidence for it, or a typed reason why not. It also learns a style from a blank ballot.
package template
