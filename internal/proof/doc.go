// Package proof draws the pictures in which people check what a program found on a blank: places outlined, each with its name
// beside it where it hides nothing.
package proof
