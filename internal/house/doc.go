// Package house holds the test that keeps the project's rooms apart: which package may import which. It has no code to
// call.
package house
