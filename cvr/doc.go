// Package cvr writes the cast-vote records, one per sheet, as a NIST SP 1500-103 report; reads the records that machines
// export, each in its vendor's form, as one neutral stream; and writes such a stream for other programs. It never adds
// votes up and never sees a picture.
package cvr
