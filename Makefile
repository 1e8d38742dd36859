# Thin on purpose: every target calls the script of its name.
.PHONY: run check test bench bench-engine bench-service bench-pwa bench-office audit build install

run:
	@scripts/run

check:
	@scripts/check

test:
	@scripts/test

bench:
	@scripts/bench

bench-engine:
	@scripts/bench engine

bench-service:
	@scripts/bench service

bench-pwa:
	@scripts/bench pwa

bench-office:
	@scripts/bench-office

audit:
	@scripts/audit

install:
	@scripts/install --dev

build: install
	@scripts/build --force
