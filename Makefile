# recount: `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The program links OpenCV's core and imgproc only, and drops what it does not call: it starts in 20 ms. Without the tag
# and these flags (a plain `go build ./...`) pkg-config names every OpenCV library; that works too, and starts slowly.
OPENCV_INCLUDE ?= /usr/include/opencv4
export CGO_CFLAGS := -O2 -g0 -ffunction-sections -fdata-sections
export CGO_CXXFLAGS := -O2 -g0 --std=c++11 -I$(OPENCV_INCLUDE) -ffunction-sections -fdata-sections
export CGO_LDFLAGS := -Wl,--gc-sections -lopencv_core -lopencv_imgproc
GOTAGS := -tags customenv

# x86 processors since 2009 count bits and round numbers in one instruction; asked for, it is used without a look at each turn.
# It changes no result: what would, fused arithmetic, comes with v3.
export GOAMD64 ?= v2

# A Go from 1.21 on fetches the one that go.mod asks for. One unpacked into /usr/local/go is found without a login.
export GOTOOLCHAIN ?= auto
export PATH := $(PATH):/usr/local/go/bin

# The rooms that need no C compiler and no OpenCV.
PURE := ./election/... ./marks/... ./vote/... ./cvr/... ./audit/...

FUZZTIME ?= 20s
FUZZIN ?= .
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help setup build test test-nocgo check lint fmt demo accuracy accuracy-page marks suite gallery bench figures bench500 county fuzz clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing to build (Debian 12; silent when nothing is)
	@OPENCV_INCLUDE=$(OPENCV_INCLUDE) .ci/setup

build: setup ## build bin/recount
	go build $(GOTAGS) -o bin/recount ./cmd/recount

demo: setup ## draw an election, read it, and find the machine's one altered number
	@.ci/demo

LAYOUT ?= accuvote
OUT ?= demo/$(LAYOUT)
SUITE ?=

suite: build ## draw a suite with its truth: LAYOUT=ess OUT=demo/ess SUITE="--sheets 50 --seed 7" (docs/PROVING.md)
	bin/recount fixtures --layout $(LAYOUT) --out $(OUT) $(SUITE)

gallery: ## draw the contact sheets of docs/img anew
	go test ./fixtures -run TestGallery -gallery $(CURDIR)/docs/img

test: setup ## vet, and run all tests
	@.ci/setup test || echo "PostgreSQL is missing: the tests that need it are skipped"
	go vet $(GOTAGS) ./...
	go test $(GOTAGS) -timeout 30m ./...

test-nocgo: setup ## build and test the pure rooms without C
	CGO_ENABLED=0 go build $(PURE)
	CGO_ENABLED=0 go test $(PURE)

check: fmt lint test test-nocgo ## formatting, linters and all tests: what a change must pass

fmt: setup
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }

bin/golangci-lint:
	GOBIN=$(CURDIR)/bin go install $(GOLANGCI)

lint: setup bin/golangci-lint
	bin/golangci-lint run

bench500: setup ## time a page of an election of 500 styles
	go test $(GOTAGS) -run '^$$' -bench Match500 -benchtime 3s ./template

bench: build ## run the benchmarks; the last lines are the figures of speed, `figure NAME VALUE`
	go test $(GOTAGS) -run '^$$' -bench . -benchmem ./...
	@$(MAKE) --no-print-directory figures

ROUNDS ?= 15
figures: build ## measure the figures of speed alone, ROUNDS times in turn (default 15): the ratios to libjpeg-turbo and libtiff, scaling, memory, start (docs/SPEED.md)
	@.ci/setup bench
	cc -O2 -o bin/tiffstrips batch/testdata/tiffstrips.c -ltiff
	@set -o pipefail; go test $(GOTAGS) -timeout 60m -run '^TestFigures$$' -v ./batch -args -figures -figures.rounds $(ROUNDS) -figures.program $(CURDIR)/bin/recount \
		-figures.libtiff $(CURDIR)/bin/tiffstrips -figures.peer /usr/bin/python3 | tee bin/figures.txt
	@echo; grep '^figure ' bin/figures.txt

SHEETS ?= 20000
county: setup ## hold SHEETS drawn sheets (default 20000) beside a machine's records in each vendor's form, with 60 planted faults (docs/COUNTY.md)
	@set -eo pipefail; SECONDS=0; shows='^(figure|ok|FAIL|---)|Error'; \
		go test $(GOTAGS) -count=1 -timeout 0 -run '^TestCounty$$' -v ./audit -args -county $(SHEETS) | grep --line-buffered -E "$$shows"; \
		go test $(GOTAGS) -count=1 -timeout 0 -run '^TestCountyFromScans$$' -v ./batch -args -county.scans 200 | grep --line-buffered -E "$$shows"; \
		echo "figure county-all-seconds $$SECONDS"

N ?= 100000
SEED ?= 1
ACCURACY := cd batch && ../bin/accuracy.test -test.run '^TestAccuracy$$' -test.v -test.timeout 0 -accuracy.seed $(SEED)

bin/accuracy.test: setup FORCE
	go test $(GOTAGS) -c -o $@ ./batch

accuracy: bin/accuracy.test ## read N drawn targets (default 100000) under every damage and count what is wrong; ROW=imprint reads the pages of one damage alone, PART=2/5 one of five parts, LEDGER=file goes on where a run was stopped (docs/PROVING.md)
	$(ACCURACY) -accuracy.table -accuracy.targets $(N) $(if $(ROW),-accuracy.row '$(ROW)') $(if $(PART),-accuracy.part $(PART)) $(if $(LEDGER),-accuracy.ledger $(abspath $(LEDGER)))

accuracy-page: bin/accuracy.test ## draw page PAGE of make accuracy again, say what was found, and write it to PICTURE
	$(ACCURACY) -accuracy.page $(PAGE) $(if $(PICTURE),-accuracy.picture $(abspath $(PICTURE)))

marks: bin/accuracy.test ## read N drawn targets (default 100000) with every kind of mark on four layouts, and print docs/MARKS.md's tables; STOP=600 stops after so long
	cd batch && ../bin/accuracy.test -test.run '^TestDrawnMarks$$' -test.timeout 0 -marks.seed $(SEED) -marks.table -marks.targets $(N) $(if $(STOP),-marks.seconds $(STOP))

# Minimizing each find for a minute, as Go does unasked, would take most of the time.
fuzz: setup ## run every fuzz test for FUZZTIME (default 20s), or those of some rooms (FUZZIN="cvr audit")
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' $(FUZZIN) | sed 's,/[^/]*:func , ,; s,^\./,,; s,^,./,' | sort | while read -r dir name; do \
		echo "$$dir $$name"; \
		go test $(GOTAGS) -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$dir" || exit 1; \
	done

clean: ## remove what was built and drawn
	rm -rf bin demo
