// Package marks measures what a hand left at each target, against the blank's own print: how much new ink lies inside,
// how much just outside, how dark it is, and how well the printed outline was found. It knows no rule of voting and
// applies no limit to a score.
package marks
