// Package author makes definitions: from blank ballots and a contest list, from born-digital PDFs, from other programs'
// definitions. What it reads beside the targets, a PDF's text or what Tesseract sees, is proposed to a person and never used
// while votes are read: package batch may not import it.
package author
