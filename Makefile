# Two commands matter: `make demo` and `make test`. Both bring what they need into .tools/ by themselves.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format package mutants clean

# Recipes run with the pinned tools first on the PATH, whatever the machine carries.
run := PATH="$(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$$PATH"

help: ## Show this list
	@node -e 'for (const l of require("fs").readFileSync("Makefile","utf8").split("\n")) { const m = /^([a-z-]+):.*## (.*)/.exec(l); if (m) console.log("  make " + m[1].padEnd(10) + m[2]); }'

setup: ## Bring Node 24, MiniStack, the AWS CLI and the npm packages into the checkout
	@scripts/toolchain/setup.sh

demo: setup ## Deploy provider and quickstart into the local world and show what happens (KEEP=1 leaves it running)
	@$(run) KEEP="$(KEEP)" node scripts/demo.ts

test: setup ## Lint, types, unit, protocol, templates, e2e; ends with "N passed, N failed"
	@$(run) node scripts/test.ts $(TESTS)

lint: setup ## Biome, TypeScript, cfn-lint
	@$(run) node scripts/test.ts --lint-only

format: setup ## Format sources
	@$(run) biome check --write .

package: setup ## Build dist/provider.zip and dist/endpoint.zip, the same bytes from the same source
	@$(run) node scripts/package.ts

mutants: setup ## Put deliberate defects into a copy of the provider; the suite has to notice each
	@$(run) node scripts/mutants.ts $(MUTANT)

clean: ## Remove dist/, .tools/ and node_modules/
	rm -rf dist .tools node_modules
