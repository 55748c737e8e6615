// Package cv is the only door to OpenCV. It takes and returns plain Go images, checks every argument first (an OpenCV
// exception ends the process), closes every Mat, decodes no file and knows no word of voting.
package cv
