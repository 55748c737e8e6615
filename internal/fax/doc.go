// Package fax decodes the CCITT fax codings, Group 3 (T.4, one- and two-dimensional) and Group 4 (T.6), straight into packed
// bits. It never guesses: data that ends early or contradicts itself is an error that names the row. It knows no file format.
package fax
