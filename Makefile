# Two commands matter: `make demo` and `make test`. Both bring what they need into .tools/ by themselves.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast bench lint lint-templates format generate mutants mutation package publish deploy deploy-stackset move-ledger remove clean

# Recipes run with the pinned tools first on the PATH, whatever the machine carries.
run := PATH="$(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$$PATH"

help: ## Show this list
	@node -e 'for (const l of require("fs").readFileSync("Makefile","utf8").split("\n")) { const m = /^([a-z-]+):.*## (.*)/.exec(l); if (m) console.log("  make " + m[1].padEnd(16) + m[2]); }'

setup: ## Bring Node 24, MiniStack, the AWS CLI, Genesys Cloud's Python SDK and the npm packages into the checkout
	@scripts/toolchain/setup.sh
	@[ -f dist/cli.mjs ] || $(run) node scripts/build/package.ts --command

demo: setup ## Deploy provider and quickstart into the local world and show what happens (KEEP=1 leaves it running)
	@$(run) KEEP="$(KEEP)" node scripts/demo/demo.ts

test: setup ## Lint, types, unit, protocol, templates, e2e; ends with "N passed, N failed"
	@$(run) node scripts/checks/test.ts $(TESTS)

test-fast: setup ## Lint, types and unit tests, in less than a minute; for each change on the way
	@$(run) node scripts/checks/test.ts --fast $(TESTS)

bench: setup ## Measure size, cold start, calls, stacks and cost beside their references (QUICK=1: three minutes)
	@$(run) QUICK="$(QUICK)" node scripts/bench/bench.ts $(SECTIONS)

lint: setup ## Biome, TypeScript, cfn-lint, and the sizes of the templates beside their limits
	@$(run) node scripts/checks/test.ts --lint-only

lint-templates: setup ## Run checkov, cdk-nag, cfn-guard and cfn-lint over the templates (GUARD_RULES=folder adds Guard's registry)
	@$(run) GUARD_RULES="$(GUARD_RULES)" node scripts/checks/lint-templates.ts

format: setup ## Format sources
	@$(run) biome check --write .

generate: setup ## Write the schemas, lists and tables that come from the resource types and templates
	@$(run) node scripts/build/schemas.ts
	@$(run) node scripts/build/type-lists.ts
	@$(run) node scripts/build/template-docs.ts

package: setup ## Build the zips of the functions in dist/, the same bytes from the same source
	@$(run) node scripts/build/package.ts

# Options that are given as variables, such as `make deploy REGIONS=eu-west-1 PLAN=rollout.yaml ARGS='--concurrency 8'`.
option = $(if $($(1)),--$(2) "$($(1))")

publish: package ## Upload packages and templates to BUCKET_PREFIX-<region> for REGIONS (DEFINITIONS=folder too; DRY_RUN=1 only looks)
	@$(run) node scripts/rollout/commands/publish.ts $(call option,BUCKET_PREFIX,bucket-prefix) $(call option,REGIONS,regions) $(call option,DEFINITIONS,definitions) $(if $(DRY_RUN),--dry-run) $(ARGS)

deploy: setup ## Deploy the published provider to REGIONS, stack by stack (PLAN=file, VERSION=x.y.z)
	@$(run) node scripts/rollout/commands/deploy.ts $(call option,BUCKET_PREFIX,bucket-prefix) $(call option,REGIONS,regions) $(call option,PLAN,plan) $(call option,VERSION,version) $(ARGS)

deploy-stackset: setup ## Deploy the published provider to REGIONS and ACCOUNTS by a stack set (PLAN=file, VERSION=x.y.z)
	@$(run) node scripts/rollout/commands/deploy-stackset.ts $(call option,BUCKET_PREFIX,bucket-prefix) $(call option,REGIONS,regions) $(call option,ACCOUNTS,accounts) $(call option,PLAN,plan) $(call option,VERSION,version) $(if $(DRY_RUN),--dry-run) $(ARGS)

move-ledger: setup ## Move the records of the provider in REGION into the shared LEDGER (GO=1 does it, UNDO=1 takes it back)
	@$(run) node scripts/rollout/commands/move-ledger.ts $(call option,REGION,region) $(call option,LEDGER,ledger) $(call option,EXPORT_PREFIX,export-prefix) $(call option,STACK_NAME,stack-name) $(if $(GO),--go) $(if $(UNDO),--undo) $(ARGS)

remove: setup ## Remove the provider from REGIONS where nobody uses it (LIST=1 only says who does)
	@$(run) node scripts/rollout/commands/remove.ts $(call option,REGIONS,regions) $(call option,EXPORT_PREFIX,export-prefix) $(call option,STACK_NAME,stack-name) $(call option,ACCOUNTS,accounts) $(call option,ROLE_NAME,role-name) $(if $(LIST),--list) $(ARGS)

mutants: setup ## Put deliberate defects into a copy of the provider; the suite has to notice each
	@$(run) node scripts/checks/mutants.ts $(MUTANT)

mutation: setup ## Make every small change in one FOLDER, and show those that its unit tests do not notice (docs/quality.md)
	@$(run) node scripts/checks/mutation.ts $(FOLDER)

clean: ## Remove dist/, .tools/ and node_modules/
	rm -rf dist .tools node_modules
