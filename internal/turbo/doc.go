// Package turbo is the only door to libjpeg-turbo: bytes of a JPEG in, pixels out, through its TurboJPEG interface. It takes a
// picture whole or not at all: a warning of the library (data missing, bytes that belong to nothing) is an error. The caller knows
// the picture's size from the header and has bounded it; turbo takes no memory for pixels.
package turbo
