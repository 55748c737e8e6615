/* tiffstrips FILE N decodes the first page of a TIFF N times with libtiff, all its strips, from memory into memory, and prints the
   processor nanoseconds of each decode, one a line. It is what `make bench` holds a fax page's time against. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <tiffio.h>

static unsigned char *bytes;
static toff_t size, at;

static tsize_t get(thandle_t h, tdata_t to, tsize_t n) {
	(void)h;
	if (at + (toff_t)n > size) {
		n = (tsize_t)(size - at);
	}
	memcpy(to, bytes + at, (size_t)n);
	at += (toff_t)n;
	return n;
}
static tsize_t put(thandle_t h, tdata_t from, tsize_t n) { (void)h; (void)from; (void)n; return 0; }
static toff_t seek(thandle_t h, toff_t to, int whence) {
	(void)h;
	at = whence == SEEK_CUR ? at + to : whence == SEEK_END ? size + to : to;
	return at;
}
static int shut(thandle_t h) { (void)h; return 0; }
static toff_t length(thandle_t h) { (void)h; return size; }
static int lend(thandle_t h, tdata_t *to, toff_t *n) { (void)h; *to = bytes; *n = size; return 1; }
static void back(thandle_t h, tdata_t p, toff_t n) { (void)h; (void)p; (void)n; }

static long long used(void) {
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000LL + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000LL;
}

int main(int argc, char **argv) {
	FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
	if (f == NULL) {
		fprintf(stderr, "usage: tiffstrips FILE N\n");
		return 2;
	}
	fseek(f, 0, SEEK_END);
	size = (toff_t)ftell(f);
	rewind(f);
	bytes = malloc(size);
	if (bytes == NULL || fread(bytes, 1, size, f) != size) {
		return 1;
	}
	unsigned char *dst = NULL;
	for (int i = 0; i < atoi(argv[2]); i++) {
		long long before = used();
		at = 0;
		TIFF *t = TIFFClientOpen("page", "rm", NULL, get, put, seek, shut, length, lend, back);
		if (t == NULL) {
			return 1;
		}
		tsize_t strip = TIFFStripSize(t);
		tstrip_t n = TIFFNumberOfStrips(t);
		if (dst == NULL) {
			dst = malloc((size_t)strip * n);
		}
		for (tstrip_t s = 0; s < n; s++) {
			if (TIFFReadEncodedStrip(t, s, dst + (size_t)s * strip, strip) < 0) {
				return 1;
			}
		}
		TIFFClose(t);
		printf("%lld\n", used() - before);
	}
	return 0;
}
