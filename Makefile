# recount: make setup build test test-nocgo check demo bench fuzz
SHELL := /bin/bash
export CGO_CFLAGS := -O2 -g0 -ffunction-sections -fdata-sections
export CGO_CXXFLAGS := -O2 -g0 --std=c++11 -I/usr/include/opencv4 -ffunction-sections -fdata-sections
export CGO_LDFLAGS := -Wl,--gc-sections -lopencv_core -lopencv_imgproc
GOTAGS := -tags customenv

.PHONY: build test
build:
	go build $(GOTAGS) -o bin/recount ./cmd/recount

test:
	go test $(GOTAGS) ./...
