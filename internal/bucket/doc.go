// Package bucket lists and reads the objects of a bucket, s3:// or gs://, whole and within bounds. It never writes, and knows nothing of
// scans. What is not there is told from a store that does not answer.
package bucket
