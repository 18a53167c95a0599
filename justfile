# The usual commands. Each is one or two plain cargo commands, so `just` is optional.

# Starts the server with a seeded clinic and prints where to look and how to sign in.
demo:
    cargo run --release -- demo

# Every test.
test:
    cargo test

# The contract of a log on each store: one list of all cases with their results.
contract:
    cargo test -p journal keeps_the_contract -- --nocapture --test-threads 1

# The contract of a log against a KurrentDB of yours, `just contract-kurrentdb 'kurrentdb://user:password@host:2113'`: the user must be one of its admins, and the streams that the tests make stay there.
contract-kurrentdb URL:
    @CAREFOLD_TEST_KURRENTDB_URL='{{URL}}' cargo test -p journal kurrentdb_keeps_the_contract_at_the_url -- --nocapture

# Layout and lints, as strict as the continuous build.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Rewrites the reviewed files from the code: the GraphQL schema and the golden file of each event.
bless:
    CAREFOLD_BLESS=1 cargo test

# Compares the GraphQL schema with its reviewed file.
schema:
    cargo run --release -- schema check

# Lints the policy and runs its table of cases.
policy:
    cargo run --release -- policy lint
    cargo run --release -- policy test

# The cost of reading and posting, each compared with a limit of the machine, in about two minutes, and the memory of the authorization state; CAREFOLD_BENCH_SECONDS changes the length of a turn from two seconds.
bench:
    cargo bench --bench benches
    cargo test -p coordination --features measure --lib memory_of_the_authorization_state -- --nocapture

# The long tests: load, kills and restarts, five minutes of changed inputs for each parser; and every page in a browser, for every role in every language and width, after `npm ci --prefix tests/browser`.
soak:
    CAREFOLD_SOAK=1 cargo test --release
    cargo build --release
    CAREFOLD_SOAK=1 tests/browser/run.sh target/release/carefold

# The public clients and the GraphQL-over-HTTP audits against a demo that they start themselves; first `npm ci --prefix tests/clients`.
audits:
    cargo build --release --bins --example follow_worklist
    tests/clients/run.sh target/release/carefold

# The pages in a real browser, against a demo that it starts itself; first `npm ci --prefix tests/browser`. Screenshots go to target/browser-shots.
browser:
    cargo build --release
    tests/browser/run.sh target/release/carefold

# The documentation of every crate.
doc:
    cargo doc --workspace --no-deps --open
