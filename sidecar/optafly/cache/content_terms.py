"""Terms of software in their plain forms; see `content_vocabulary`."""

from typing import Final

TERMS: Final = """
abstraction accessor accumulator ack acme adapter adder affinity aggregate aiohttp airflow ajax alembic algebra
algorithm alias alloca allocation allocator alpha alpine amortize amqplib anacron analysis analyzer android annotate
annotation anonymization antipattern apache apex append application apply argmax argument aria arrangement artifact
ascending ascii assembler assertion assignment asymptotic async asyncio atomic attachment attribute attribution augment
auth authentication authn authorization authz autocomplete autoincrement automatic autoremove autoscale availability
await axios axis azure backend backfill backlog backoff backpressure backprop backpropagation backslash backtick
backtrace backtrack backup backward balancer bandwidth barcode barrier baseline bash bastion batch benchmark biber
biblatex bibtex bigint bijection binary bisect bitmask bitwise blob blockchain bloom bookmark booktabs boolean bootstrap
borrow bottleneck boxplot breadcrumb breaker breakpoint broker browser buffer builder bulkhead burndown busybox bytecode
cache calculation calculator callable callback caller callgraph calloc camel canary cancellation canonical canvas
capability cardinality caret carousel cascade casing categorical category centroid certificate certification cgroup
changelog changeset charset checkbox checkout checkpoint checksum chmod chown cipher circuit circular claim
clarification classification classifier classmethod classpath cleaner cleanup clicker clickjack clipboard clippy closure
cloudwatch cluster coalesce codebase codec codegen codepoint coerce collation collection collector collinear collision
combination comparator comparison compensating compilation compiler complexity composable composite comprehension
compression computation computer concat concatenate concurrency concurrent cond conda conditional config configmap
configurable configuration confirmation connection connector consensus consistency consolidate const constraint
construction constructor consumer consumption container containment contextmanager continuation contravariant
contribution controller conversion converter convolution convolutional cookie coordinate coordinator cordon coroutine
correlated corruption cosine counter counterpart coupling covariance coverage crate creation creator credential crlf
cron cronjob crontab crossbeam crossjoin crossover crosstab cryptography ctrl currying cursor customization cyclic
daemonset dangling dashboard database dataclass dataframe datagram dataset datastore datatype datetime deadlock debian
debounce debug debugger decimal declaration decode decoder decompile decompress decorator decouple decrement decryption
dedupe deduplicate deduplication default defaultdict definition defragment deleter deletion delimiter denormalize
dependency deployment deque dequeue dereference derivative descending description descriptor deserialize deserializer
destination destructor destructure detection detector determinant determination developer development devops
diagonalizable dialect dictionary diff differ difference digest digraph dimension dimensional directive directory
dispatcher distinction distribution distro dither divider division django dmesg docker dockerfile dockerignore docstring
documentation domain dotfile doubly downcast downgrade downloader downsample downtime drain driver dropdown dropout
dropzone dto dumper duplex duplication editor eigendecomposition eigenvalue elasticity element elimination ellipsis
elliptic email embed emitter emoji emplace employee emulator encapsulate enclave encoder encoding encrypt encryption
endian endpoint enqueue entity entropy entrypoint enum enumerate enumeration envelope envsubst enzyme ephemeral epoch
epoll equality equivalence errno escape eslint estimation etag ethernet eval evaluation event evict excel exception
exclusion executable execution executive executor exhaustive exifr existence expander expansion expiration expiry
explanation exploit explorer exporter exposure expression extension extraction extractor facade factorial failover
failure fallback fallthrough fanout faucet favicon fdisk feature fetcher fgets fibonacci fieldset filesystem filter
finalizer finder firewall firmware fixer fixture flaky flamegraph flask flatten flattening flexbox float floor follower
foreach formatter formatting forwarder fprintf fragment framework frequency frontend fsck fsnotify fsync fuzz fuzzer
fuzzy gamma gateway gaussian gcloud generation generator getline getter getters gigabyte github gitignore glibc glob
golang goroutine gradient grafana granularity graphql grep grid grouping guard guidance gzip handler handshake hash
hasher hashing hashmap haskell header headless healthcheck heap heapify heartbeat heatmap helper heuristic hexadecimal
hibernate highlight histogram hoist hook hostname hotfix hotkey hover html http https httpx hydrate hyperlink
hyperparameter hypervisor idempotency idempotent identification identifier idiom iframe ifstream illustration immutable
impedance imperative implementation implicit importer impute inclusion incoming increment incremental indent indentation
index indicator inefficient inference inferencing ingest ingress inheritance initialization initialize injection
inlining inner inode inotify inserter insertion inspection inspector installation installer instance instantiate
instantiation instruction integration interactive interceptor interleave interpolate interpolation interpretation
interpreter intersection introspect invariant investigation invocation iptables isolation iterable iteration iterative
iterator java javascript jest jitter jobs joiner journal journalctl json jsonb justification kafka keepalive kernel
keybinding keyboard keyframe keygen keylogger keypair keyspace keystore keystroke keyword killer knapsack kotlin kubectl
kubelet kubernetes kwarg kwargs lambda landmark lasso latency layout laziness lazy leaderboard ledger lemma lexer
libcurl lifecycle lifetime limitation limiter linear linker linter linting linux listener listing literal liveness
loader loading locale localhost localtime locator locker lockfile lodash logger logical login logout logpoint logrotate
lookup loopback looper lossless lossy lowercase lsblk lxml macro magnitude mailbox maintainer maintenance malloc manager
manifest mapper mapping markdown marshal marshalled matcher matching matrix maximize measurement mebibyte memcached
memcpy memento memmove memoisation memoize memoizer memory merge merger metaclass metadata metric microservice
middleware migration million millisecond minifier minify minimax minimize mixin mkdir mmap mnemonic mocha mock modal
modification modifier modulo monad monitor monkeypatch mono monolith monorepo monospace monotonic motivation mount
mounting mountpoint mover mpsc multibyte multicast multiline multipart multiplex multiplication multistage multithread
mutable mutation mutex namespace naming nan navbar navigation ndarray nested netmask neuron newline nginx ninja node
nodejs nonce normalization normalize notification nslookup null nullability nullable nullish numeric numpy oauth
objective observable observation observer occurrence offset omission onboarding oncall oneliner opacity opener openssl
operand operation operator optimization optimized optimizer orchestrate orchestration ordinal organization organizer
orientation orphan outage outbox outdated outgoing outlier outlives overfit overfitting overflow overhead overload
overloading override overwrite ownership package padding paginate pagination palindrome palindromic pandas pane
panicking parameterize parametrize parity parser parsing partition partitioning passing passkey passphrase passthrough
passwd password pathname pattern payee payload perceptual performance perl permalink permission permutation persistence
persistent pessimistic phishing pickle pillow ping pinning pipeline pivot pixel placeholder plaintext planner platformer
playbook plugin pnpm pointer poll polling polyfill polygon polymorphic polymorphism pooling popover popularity popup
portability positional possibility postfix postgres postmortem pragma preallocate precedence precise precision
precompiled predicate preemptible prefab preference prefetch prefix preflight preload preparation prepend preprocess
preprocessor prerequisite presentation preservation presigned pretrained prevention primitive printer printf println
priority probability procedure processing processor producer production profiler profiling programmer programming
projection prometheus promise promotion promtool propagate propagation property protection protoc prototype provider
provision proxy pruning pseudo pseudonymization psycopg publication publisher punctuation purge purity pytest python
quadratic quantile quantize query querying queryset queue quickselect quicksort quorum quota quoting radix random
rasterize raycast reachable readability readable reader readiness readme readonly realtime rearrange reassign rebalance
rebase recall receiver recommendation recompile recompute reconnect recovery recreate recursion recursive redact
redefine redirect redis reducer reduction redundancy refactor reference referrer reflection refresh regex regexp
registrar registration registry regression reindex relation relational relationship reliability reload remainder
reminder removal rename renaming renderer replacement replica replicate replication repo reporter repository
representation reproduce requirement rerun resample reschedule reservation resharding resolution resolver respawn
response responsive restful restriction retention rethrow retrieval retry reusable revalidate reversal reviewer revision
rewrite rewriting rigidbody rmdir roguelike rollback rollforward rollout rotation router routing rsync rsyslog ruby
runbook runner runtime saga sampler sampling sandbox sanitize sanitizer savepoint saver scaffold scalable scalar scaling
scanner scheduler schema scikit scope scoping scp scraper screenreader scroll scrub scrum sdist sealed searching
security seeding segfault segment selection selector semantics semaphore semver sender sentinel separation separator
sequence serializable serialization serialize serializer serverless session setter setup setuptools shard sharding
sharing shell shortcut shorten shrinking shutdown shutil sibling sidebar sidecar sift sigmoid signature signedness
signing simplification simulation singleton situation sizing skeleton skiplist sklearn slicing slider slugify snapshot
snippet socket softmax solver sorter sorting sourcemap spec specification specificity spinlock spinner splat splitter
spreadsheet sprint sshd sshfs stability stacktrace staging standup starter startup stash stat stateflow stateful
stateless static staticmethod statistic statx stderr stdin stdlib stdout stemming stepper sticky stopper stopword
storage strcpy streaming stringify stripe strncpy stroke struct stub subarray subclass subcommand subdirectory subdomain
subexpression subfolder subgraph subgroup submodule subnet subprocess subquery subroutine subscriber subscription
subsequence subshell substring subtask subtitle subtract subtraction subtree successful successor sudo sudoers suffix
suggestion summarize summation superclass superproject superstring supertest superuser supervisor supporter suppression
swagger swap swapper switcher symlink sync synchronize synchronous syntax syscall syslog systemctl systemd tab
tablespace tabular tabulation tagger taint tar tarball teardown telemetry telnet template templating tenant tensor
terminal terminate ternary terraform tessellate tester textarea textbox threshold throttle throughput timeline timeout
timeseries timestamp timestamptz timezone todo toggle token tokenize tokenizer toleration toolbar toolchain tooling
tooltip topological topology torus touchpad traceback tracing tracker trailing traits transaction transactional
transcode transcript transducer transformation transformer transient transition translation translator transmission
transpile transpose traversal traverser treemap trigger truncate truthy tunnel tuple typecheck typedef typehint typeof
typing typist ubuntu ulimit umask umount unacked unary unbind unbounded unboxing uncaught unchanged undefined underscore
unescape unfinished unformatted ungroup unhash unicode uniform uninstall uninstaller union unique unit unittest unix
unlink unlock unmarshal unmatched unminify unmodifiable unmount unowned unpack unprivileged unpush unreachable
unregister unroll unsafe unset unshift unsigned unstaged unsubscribe untrack untracked unused unwrap upcast upload
uploader uppercase upsample upsert uptime urlencode usability useradd userland usermod utility uuid validate validation
validator variable variadic variance vectorization vectorize vendor verbose verification verifier version versioned
versioning viewer viewmodel viewport virtual virtualenv visibility visitor visualization visudo vite vitest vmstat
volatile volume vuex vulnerability walker walkthrough walrus warning watchdog watcher watchpoint weakness webcam webhook
webpage websocket weighted wget whitelist whitespace widget wildcard window windows workaround worker workflow workspace
worktree wrapper wrapping writer wsgi yaml yield zebra zombie
"""
