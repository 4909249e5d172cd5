"""Common English words and terms of software, in their plain forms.

A word that is here is never taken for a slip of the pen of another one.
"""

from typing import Final

ENGLISH: Final = """
abandon ability able abnormal abort about above abroad absence absent absolute abstract absurd abuse accent accept
access accident accompany accomplish accord account accumulate accurate achieve acid acquire across action active actual
adapt add addict additional address adequate adjacent adjust admin admire admit adopt adult advance advantage adventure
adverse advice advise affair affect afford afraid after afterward again against agency agenda agent aggregate aggressive
agree ahead aid aim air airport alarm album alert algebra alien align alike alive all alley allocate allow almost alone
along already alright also alter alternate although altogether always amaze ambiguous amend among amount ample analogy
analyst ancestor anchor ancient anew angle angry animal animate announce annoy annual annul anonymous another answer
answerable antenna anticipate anxiety anybody anyhow anyone anything anyway anywhere apart apartment apologize apparent
appeal appear appendix apple apply appoint appreciate approach appropriate approve approximate arbitrary architect
archive area argue arise arithmetic arm army around arrange array arrest arrive arrow art article artificial artist asap
ascend aside ask asleep aspect assemble assert assess asset assign assist associate assume assure astonish athlete atlas
atom attach attack attempt attend attention attract auction audience audio audit author authority auto autumn available
avenue average avoid await awake award aware away awful awkward baby back backup backwards bad badge bag bake balance
ball ban band bank bar bare bargain barrel barrier base basic basin basket batch bath battery battle beach beam bean
bear beat beautiful became because become bed before beg begin behalf behave behind being belief believe bell belong
beloved below belt bench bend beneath benefit beside besides best bet better between beyond bias bicycle bid big bigger
bill binary bind bird birth birthday bit bite bitter black blade blame blank blast blend bless blind blink block blog
blood blow blue blur board boat body boil bold bolt bomb bond bone bonus book boost boot border bore born borrow boss
both bother bottle bottom bounce bound boundary bow bowl box boy bracket brain brake branch brand brave bread breadth
break breakdown breakfast breath breed breeze brick bridge brief bright brilliant bring broad broadcast broken brother
brown browse brush bubble bucket budget buffer bug build bulb bulk bullet bump bunch bundle burden burn burst bury bus
business busy but butter button buy bypass byte cable cake calculate calendar call caller calm camera camp campaign
campus can cancel candidate cannot cap capable capacity capital capitalize caption capture car carbon card care career
careful cargo carpet carry cart carve case cash cast castle casual cat catch category cause caution cease ceiling
celebrate cell cent center central century ceremony certain certify chain chair chairman challenge chamber champion
chance change channel chaos chapter character charge charity charm chart chase chat cheap cheaper cheapest cheat check
cheek cheer cheese cherry chess chest chicken chief child chip chocolate choice choose chop chunk church circle circuit
circular citizen city civil claim clap clarity clash class classic classify clause clean cleaner clear clerk clever
click client climate climb clip clock clone close closer closest cloth cloud club clue cluster coach coal coarse coast
coat code coffee coin cold collapse collar colleague collect college collide collision colon colony column combat
combine come comfort comma command comment commerce commit committee common communicate community compact company
compare compass compatible compel compete compile complain complement complete complex comply component compose compound
comprehend compress comprise compromise compute conceal concede conceive concept concern concert conclude concrete
condemn condense condition conduct cone conference confess confident configure confine confirm conflict conform confront
confuse congress connect conquer conscious consensus consent consequence conserve consider consist console constant
constitute constrain construct consult consume contact contain contemporary contend content contest context continent
continue contract contradict contrary contrast contribute control controversy convenient convention converge converse
convert convey convince cook cool cooperate coordinate cope copper copy cord core corner corporate correct correlate
correspond corrupt cost cottage cotton cough could council counsel count counter country county couple coupon courage
course court cousin cover cow coworker crack craft cram crash crawl crazy cream create creature credit creep crew crime
crisis criterion critic criticize crop cross crowd crown crucial crude cruel cruise crush cry crystal cube culture cup
cure curious currency current curse cursor curtain curve custom customer cut cute cycle daemon daily dairy damage damp
dance danger dare dark darker dash data date daughter dawn day dead deadline deadlock deaf deal dear death debate debit
debt decade decay deceive decent decide decimal deck declare decline decorate decrease dedicate deduce deed deem deep
deeper deepest default defeat defect defend defer define definite degree delay delegate delete deliberate delicate
delight delimit deliver demand demo democracy demonstrate denote dense deny depart depend deploy deposit deprecate
depress deprive depth derive descend describe desert deserve design desire desk despair desperate despite destination
destroy detach detail detect determine develop deviate device devise devote diagnose diagram dial dialect diamond diary
dictate dictionary die diet differ difficult dig digest digit dignity dim dimension diminish dine dinner dip direct dirt
dirty disadvantage disappear disappoint disaster discard discharge discipline disclose discount discourage discover
discrete discuss disease dish disk dislike dismiss disorder dispatch display dispose dispute disregard disrupt distance
distant distinct distort distract distribute district disturb ditch dive diverse divert divide divine division do dock
doctor document dog doll dollar domain domestic dominate donate door dose dot double doubt down download downtime dozen
draft drag drain drama dramatic draw drawer dream dress drift drill drink drive drop drown drug drum dry due dull dumb
dummy dump duplicate duration during dust duty dwell dynamic eager ear earlier early earn earth ease easier easiest east
easy eat echo economy edge edit educate effect efficient effort egg eight eighty either elaborate elapse elastic elect
electric elegant element elevate eleven eliminate elite else elsewhere embarrass embed embrace emerge emergency emit
emotion emphasis empire employ empty enable enclose encounter encourage end enemy energy enforce engage engine engineer
english enhance enjoy enormous enough enqueue enrich ensure enter enterprise entertain enthusiasm entire entirely
entitle entity entrance entry envelope environment envy epoch equal equation equip equivalent era erase erect error
escape especially essay essence essential establish estate estimate eternal ethic evaluate even evening evenly event
eventual ever every everybody everyone everything everywhere evidence evil evolve exact exaggerate examine example
exceed excellent except excess exchange excite exclude exclusive excuse execute exercise exhaust exhibit exist exit
exotic expand expect expedition expel expense experience experiment expert expire explain explicit explode exploit
explore exponent export expose express extend exterior external extra extract extraordinary extreme eye fabric face
facility fact factor factory faculty fade fail faint fair faith fake fall false fame familiar family famous fan fancy
fantasy far farm fashion fast faster fastest fat fatal fate father fault favor fear feast feather feature federal fee
feed feel fellow female fence fetch fever few fewer fiber fiction field fierce fifty fight figure file fill film filter
final finance find fine finger finish finished finite fire firm first fiscal fish fit five fix flag flame flash flat
flatten flavor flaw flee fleet flesh flexible flight flip float flood floor flour flow flower fluctuate fluid flush fly
focus fog fold folder folk follow font food fool foot footer for forbid force forecast foreign forest forever forget
forgive fork form formal format former formula fort forth fortune forty forum forward foster found foundation four
fraction fragile fragment frame framework frank fraud free freedom freeze freight frequency frequent fresh friction
friday friend frighten from front frost frozen fruit frustrate fuel fulfill full fun function fund fundamental funeral
funny furnish furniture further future gain galaxy gallery gamble game gang gap garage garbage garden garment gas gate
gateway gather gauge gay gaze gear gender gene general generate generic generous genius gentle genuine german gesture
get ghost giant gift girl give glad glance glass global globe glory glow glue go goal goat god gold golden good goose
gotcha govern grab grace grade gradual graduate grain grammar grand grant granular graph grasp grass grateful grave
gravity gray great greater greedy greek green greet grid grief grin grip gross ground group grow guarantee guard guess
guest guide guilty guitar gun guy habit hair half hall halt hammer hand handle handshake handsome handy hang happen
happy harbor hard harder hardest hardly hardware harm harmony harsh harvest hash hasn't haste hat hate haul have hazard
head header heal health heap hear heart heat heaven heavy hedge height heir helicopter hell hello helmet help hence
herald herd here hereby heritage hero hesitate hex hide hierarchy high higher highlight highway hill hint hip hire
history hit hobby hold hole holiday hollow holy home honest honey honor hook hope hopefully horizon horizontal horn
horrible horror horse hospital host hostile hot hotel hour house household hover how however huge human humble humor
hundred hungry hunt hurry hurt husband hybrid hyphen hypothesis ice icon idea ideal identical identify identity idiom
idle ignorant ignore ill illegal illusion illustrate image imagine imitate immediate immense immigrant immune impact
impatient imperative imperial implement implicit imply import important impose impossible impress improve impulse inch
incident incline include income incorporate increase increment incur indeed indent independent index indicate indirect
individual induce indulge industry inevitable infant infer inferior infinite inflate influence inform ingredient inhabit
inherit initial initiate inject injure inline inner innocent innovate input inquire insert inside insight insist inspect
inspire install instance instant instead instinct institute instruct instrument insult insurance integer integral
integrate intellect intelligent intend intense intent interact interest interface interfere interior intermediate
internal international internet interpret interrupt intersect interval intervene interview intimate into introduce
intrude invade invalid invent inverse invert invest investigate invite invoice invoke involve iron irony irregular
island isolate issue italian item iterate itself ivory jacket jail jam jar jaw jealous jerk jet jewel jitter job join
joint joke journal journey joy judge juice jump junction jungle junior junk jury just justice justify keen keep kernel
kettle key keyboard kick kid kill kind kindly king kiss kitchen knee kneel knife knight knit knob knock knot know
knowledge label labor lack ladder lady lag lake lamb lamp land landscape lane language lap laptop large larger laser
last late lately latency later latest latter laugh launch laundry law lawn lawyer lay layer layout lazy lead leader leaf
league leak lean leap learn lease least leather leave lecture left leg legacy legal legend legitimate leisure lemon lend
length lens less lesser lesson let letter level lever liable liberal liberty library license lid lie life lifetime lift
light lighter lightning like likely limb limit limp line linear linen linger link lint lion lip liquid list listen
literal literary literature little live load loan lobby local locate lock log logic lonely long longer longest look loop
loose lord lose loss lot loud love lovely low lower loyal luck lucky luggage lunch lung luxury machine mad magazine
magic magnet magnitude maid mail main mainstream maintain major make male mall man manage manager mandate manipulate
manner manual manufacture many map marble march margin marine mark marker market marriage marry mask mass massive master
match mate material math matrix matter mature maximum may maybe mayor meal mean meaning meantime measure meat mechanic
mechanism media median medical medicine medium meet melt member memory mental mention menu merchant mercy mere merge
merit merry mesh mess message metal method metric mid middle midnight might migrate mild mile military milk mill mind
mine mineral minimal minimum minister minor minus minute miracle mirror misery miss mission mistake mix mixture mobile
mock mode model modem moderate modern modest modify module moin moist moment monday money monitor monkey month monthly
mood moon moral more moreover morning mortal mortgage most mother motion motive motor mount mountain mouse mouth move
movement movie much mud multiple multiply murder muscle museum music must mutable mutate mutual myself mystery myth nail
naive naked name namespace narrow narrower nasty nation native nature navigate near nearby neat necessary neck need
needle negative neglect negotiate neighbor neither nerve nest net network neutral never nevertheless new newer newest
news next nice nicely nicer night nine ninety nobody nod node noise none nonsense normal normalize north nose notable
notation note nothing notice notify notion noun novel now nowhere nuclear null number numeral numerous nurse nut obey
object oblige obscure observe obstacle obtain obvious occasion occupy occur ocean odd off offend offer office officer
official offset often oil okay old older oldest omit once one onion online only onto opaque open opera operate operator
opinion opponent opportunity oppose opposite optimal optimism option optional oral orange orbit order ordinal ordinary
organ organic organize orient origin original orphan other otherwise ought ounce our ourselves outcome outer outline
output outside oval oven over overall overcome overflow overhead overlap overlay overlook overwhelm owe own owner oxygen
pace pack packet pad page pain paint pair palace pale palm pan panel panic paper parade paradigm paragraph parallel
parameter parcel pardon parent parenthesis park parse part partial participate particle particular partition partner
party pass passage passenger passion passive past paste patch patent path patience patient patrol patron pattern pause
pave pay payload payment peace peak pearl peculiar peel peer pen penalty pencil penetrate pension people pepper per
perceive percent percentage perfect perform perhaps peril period permanent permission permit persist person personal
personnel perspective persuade pet petition phase phenomenon philosophy phone photo phrase physical physics piano pick
picture pie piece pierce pig pile pill pillar pilot pin pine pink pint pioneer pipe pipeline pit pitch pity pivot pixel
place plague plain plan plane planet plant plaster plastic plate platform play player plea plead pleasant please
pleasure plenty plot plug plunge plural plus pocket poem poet point poison poke pole police policy polish polite
political poll pollute pond pool poor pop popular populate port portable portion portrait pose position positive possess
possible post postpone pot potato potential pound pour poverty powder power practical practice praise pray preach
precede precious precise predecessor predicate predict prefer prefix pregnant prejudice preliminary premise premium
prepare prescribe presence present preserve president press pressure presume pretend pretty prevail prevent previous
prey price pride priest primary prime primitive prince principal principle print prior priority prison private privilege
prize probable probe problem procedure proceed process proclaim produce product profession professor profile profit
profound program progress prohibit project prominent promise promote prompt prone pronounce proof proper property
proportion proposal propose pros prose prospect prosper protect protein protest protocol proud prove provide province
provoke proxy prune public publish pull pulse pump punch punish pupil purchase pure purple purpose purse pursue push put
puzzle qualify quality quantity quarrel quarter queen query quest question queue quick quicker quiet quit quite quiz
quota quote rabbit race radar radical radio rag rage raid rail rain raise rally random range rank rapid rare rash rat
rate rather ratio rational raw ray reach react read ready real realistic reality realize realm rear reason rebel rebuild
rebuke recall receipt receive recent recipe reckon recognize recommend reconcile record recover recruit rectangle recur
recycle red redeem redirect reduce redundant refer refine reflect reform refresh refuge refund refuse regain regard
regardless regime region register regression regret regular regulate rehearse reign reject relate relation relative
relax release relevant reliable relief relieve religion reluctant rely remain remark remedy remember remind remote
remove render renew rent repair repeat replace replica reply report represent reproduce republic reputation request
require rescue research resemble resent reserve reset reside resign resist resolute resolve resort resource respect
respond rest restart restaurant restore restrain restrict result resume retail retain retire retreat retrieve retry
return reuse reveal revenge revenue reverse revert review revise revive revoke revolution reward rhythm ribbon rice rich
rid riddle ride ridge ridiculous rifle right rigid rigorous ring riot ripe rise risk ritual rival river road roam roar
roast rob robot robust rock rocket rod role roll romance roof room root rope rose rot rotate rough round route routine
row royal rub rubber rude rug ruin rule ruler rumor run rural rush rust sack sacred sacrifice sad saddle safe safer
safest safety sail saint sake salad salary sale salt same sample sanction sand sandwich satellite satisfy saturday sauce
sausage save saw scale scan scandal scarce scare scatter scenario scene scenery schedule scheme scholar school science
scope score scorn scrap scrape scratch scream screen screw script scroll sculpture sea seal search season seat second
secret section sector secure seed seek seem segment seize seldom select self sell semantic semicolon senate send senior
sensation sense sensible sensitive sentence separate sequence serial series serious serve server service session set
settle seven seventy several severe sew shade shadow shake shall shallow shame shape share shark sharp shatter shave
shed sheep sheet shelf shell shelter shield shift shine ship shirt shock shoe shoot shop shore short shorter shortest
shot should shoulder shout shovel show shower shrink shrug shuffle shut shy sibling sick side sidebar siege sigh sight
sign signal silence silent silently silk silly silver similar simple simpler simplest simplify simulate simultaneous sin
since sincere single sink sir sister sit site situate six sixty size skeleton sketch ski skill skin skip skirt skull sky
slash slave sleep sleeve slice slide slight slim slip slope slot slow slower slowest small smaller smart smell smile
smoke smooth snake snap snapshot sneak snow soak soap soccer social society sock socket soft softer software soil solar
soldier sole solid solution solve somebody somehow someone something sometimes somewhat somewhere son song soon
sophisticated sore sorrow sorry sort soul sound sounds soup sour source south space span spanish spare spark sparse
spatial speak special species specific specify spectrum speech speed spell spend sphere spider spike spill spin spine
spiral spirit spit splash split spoil sponsor spoon sport spot spray spread spring spy square squeeze stable stack staff
stage stain stair stake stale stall stamp stand standalone standard star stare start startle starve state statement
static station statue status stay steady steal steam steel steep steer stem step stick sticky stiff still stimulate
sting stir stitch stock stomach stone stool stop storage store storm story stove straight strain strange strategy straw
stray stream street strength stress stretch strict strike string strip stripe strive stroke strong stronger structure
struggle student studio study stuff stupid style subject submit subscribe subsequent subset subsidy substance substitute
subtle suburb succeed success such sudden sue suffer suffice sufficient suffix sugar suggest suicide suit suite sum
summary summer summit sun sunday super superb superior supermarket supervise supper supplement supply support suppose
suppress supreme sure surface surge surgery surname surplus surprise surrender surround survey survive suspect suspend
suspicion sustain swallow swear sweat sweep sweet swell swift swim swing switch sword symbol sympathy symptom syntax
system table tablet tackle tag tail tailor take tale talent talk tall tank tap tape target tariff task taste tax taxi
tea teach team tear tease technical technique technology tedious teenager telegraph telephone television tell temper
temperature temple temporary tempt tenant tend tendency tender tennis tense tension tent term terminal terrible
territory terror test testify text textile than thank theater theft their theme themselves then theory therapy there
therefore thermal thick thief thin thing think third thirst thirty this thorough those though thought thousand thread
threat three threshold thrice thrive throat throne through throw thumb thunder thursday thus ticket tide tie tiger tight
tile till tilt timber time timer tin tiny tip tire tissue title toast tobacco today toe together toggle toilet token
tolerate toll tomato tomb tomorrow tone tongue tonight tool tooth top topic topology torch torture toss total touch
tough tour tourist tournament toward tower town toxic toy trace track trade tradition traffic tragedy trail train trait
transaction transfer transform transit translate transmit transparent transport trap trash travel traverse treasure
treat treaty tree tremble trend trial triangle tribe trick tricky trigger trim trip triumph trivial troop tropical
trouble trousers truck true truncate trunk trust truth try tube tuesday tune tunnel turn tutor tutorial twelve twenty
twice twin twist two twofold type typical ugly ultimate umbrella unable unanimous uncle under undergo underline
understand undertake undo uneven unfair unfold unhappy uniform union unique unit unite unity universe university unknown
unless unlike unlikely until unusual update upgrade upon upper upright upset urban urge urgent us usable usage use used
useful user usual utility utter vacant vacation vacuum vague vain valid valley value van vanish vanity variable variant
variety various vary vast vector vegetable vehicle vein velocity velvet vendor verb verbal verdict verify verse version
versus vertical very vessel veteran via vice victim victory video view vigor village violate violence violet virtual
virtue virus visible vision visit visual vital vivid vocabulary voice void volatile volcano volume voluntary volunteer
vote voyage wage wagon waist wait wake walk wall wallet wander want war ward wardrobe warm warn warp warrant warrior
wash waste watch water wave wax way weak weaker wealth weapon wear weather weave web wedding wednesday weed week weekday
weekend weekly weep weigh weight welcome welfare well west western wet wether whale what whatever wheat wheel when
whenever where whereas wherever whether which while whip whisper whistle white whoever whole wholly whom whose wide
wider widest widget widow width wife wild wilderness will willing win wind window wine wing winner winter wipe wire
wisdom wise wish wit witch with withdraw within without witness wolf woman wonder wood wool word work workaround worker
workflow world worm worry worse worst worth worthy would wound wrap wreck wrist write wrong yard year yellow yes
yesterday yet yield you young your yourself youth zebra zero zigzag zone zoo zoom
"""
TERMS: Final = """
abstraction accessor accumulator acme adapter adder affinity aggregate aiohttp airflow ajax alembic algebra algorithm
alias allocation allocator alpha alpine amortize analysis analyzer android annotate annotation antipattern apache append
application apply argument aria arrangement artifact ascending ascii assembler assertion assignment asymptotic async
asyncio atomic attachment attribute attribution augment auth authentication authorization autocomplete automatic
autoscale availability await axios axis azure backend backfill backlog backoff backpressure backprop backslash backtick
backtrack backup backward balancer bandwidth barrier baseline bash bastion batch benchmark bigint bijection binary
bisect bitmask bitwise blob blockchain bloom bookmark boolean bootstrap borrow bottleneck boxplot breadcrumb breakpoint
broker browser buffer builder bulkhead burndown bytecode cache calculation calculator callable callback caller camel
canary cancellation canonical canvas capability cardinality carousel cascade casing categorical category centroid
certificate certification cgroup changelog changeset charset checkbox checkout checkpoint checksum chmod chown cipher
circuit circular claim clarification classification classifier classpath cleaner cleanup clicker clickjack clipboard
clippy closure cloudwatch cluster codebase codec coerce collation collection collector collision combination comparator
comparison compilation compiler complexity composable composite comprehension compression computation computer concat
concatenate concurrency concurrent conditional config configmap configurable configuration confirmation connection
connector consensus consistency consolidate const constraint construction constructor consumer consumption container
containment continuation contravariant contribution controller conversion converter convolution cookie coordinate
coordinator cordon coroutine correlated corruption counter counterpart coupling covariance coverage crate creation
creator credential crlf cron cronjob crontab crossover crosstab ctrl cursor customization cyclic daemonset dangling
dashboard database dataclass dataframe dataset datatype datetime deadlock debian debounce debug debugger decimal
declaration decode decoder decompress decorator decouple decrement decryption dedupe deduplicate deduplication default
definition defragment deleter deletion delimiter denormalize dependency deployment deque dequeue derivative descending
description descriptor deserialize destination destructor destructure detection detector determination developer
development devops dialect dictionary diff differ difference digest dimension dimensional directive directory dispatcher
distinction distribution distro divider division django dmesg docker dockerfile docstring documentation domain doubly
downcast downgrade downloader downtime drain driver dropdown dropout duplex duplication editor elasticity element
elimination ellipsis email embed emitter emoji employee emulator encapsulate enclave encoder encoding encrypt encryption
endian endpoint enqueue entity entropy enum enumerate enumeration envelope enzyme ephemeral epoch equality equivalence
escape eslint estimation etag ethernet eval evaluation event evict excel exception exclusion executable execution
executive executor exhaustive existence expander expansion expiration expiry explanation exploit explorer exporter
exposure expression extension extraction extractor facade factorial failover failure fallback fallthrough faucet favicon
fdisk feature fetcher fieldset filesystem filter finalizer finder firewall firmware fixer fixture flaky flamegraph flask
flatten flattening flexbox float floor follower foreach formatter formatting forwarder fragment framework frequency
frontend fsck fuzz fuzzer fuzzy gateway gaussian generation generator getter getters gigabyte github gitignore glob
golang goroutine gradient grafana granularity graphql grep grid grouping guard guidance gzip handler handshake hash
hasher hashing hashmap haskell header headless heap heartbeat heatmap helper heuristic hexadecimal hibernate highlight
histogram hoist hook hostname hotfix hover html http https httpx hydrate hyperlink hyperparameter hypervisor idempotency
idempotent identification identifier idiom iframe illustration immutable impedance imperative implementation implicit
importer inclusion incoming increment incremental indent indentation index indicator inefficient inference inferencing
ingest ingress inheritance initialization initialize injection inner inode inserter insertion inspection inspector
installation installer instance instantiate instantiation instruction integration interactive interceptor interpolate
interpolation interpretation interpreter intersection introspect invariant investigation invocation isolation iterable
iteration iterative iterator java javascript jest jitter jobs joiner journal journalctl json justification kafka kernel
keybinding keyboard keyframe keygen keypair keyspace keystore keystroke keyword killer kotlin kubectl kubelet kubernetes
kwargs lambda landmark latency layout laziness lazy leaderboard ledger lemma lexer lifecycle lifetime limitation linear
linker linter linux listener listing literal liveness loader loading locale localhost locator locker lockfile lodash
logger logical login logout lookup loopback looper lossless lossy lowercase lsblk macro magnitude mailbox maintainer
maintenance malloc manager manifest mapper mapping markdown marshal marshalled matcher matching matrix maximize
measurement memoize memory merge merger metaclass metadata metric microservice middleware migration million millisecond
minify minimize mixin mkdir mnemonic mocha mock modal modification modifier modulo monad monitor monolith monorepo
monospace monotonic motivation mount mounting mover multicast multipart multiplex multiplication multithread mutable
mutation mutex namespace naming nan navbar navigation nested netmask neuron nginx ninja node nodejs nonce normalization
normalize notification null nullable numeric numpy oauth objective observable observation observer occurrence offset
omission opacity opener openssl operand operation operator optimization optimizer orchestrate orchestration ordinal
organization organizer orientation orphan outage outdated outgoing outlier overfit overflow overhead overload
overloading override overwrite ownership package padding paginate pagination palindrome pandas parameterize parity
parser parsing partition partitioning passing passkey passphrase passthrough passwd password pattern payload performance
perl permalink permission permutation persistence persistent pessimistic phishing pickle pillow ping pinning pipeline
pivot pixel placeholder plaintext planner playbook plugin pnpm pointer poll polling polyfill polygon polymorphism
pooling popover popularity popup portability positional possibility postfix postgres postmortem precedence precise
precision predicate preemptible preference prefetch prefix preflight preload preparation preprocessor prerequisite
presentation preservation prevention primitive printer priority probability procedure processing processor producer
production profiler profiling programmer programming projection prometheus promise promotion propagate propagation
property protection prototype provider provision proxy pruning pseudo publication publisher punctuation purge purity
pytest python quadratic quantile quantize query querying queue quicksort quorum quota quoting radix random rasterize
reachable readability readable reader readiness readme readonly realtime rearrange reassign rebase recall receiver
recommendation reconnect recovery recreate recursion recursive redact redefine redirect redis reducer reduction
redundancy refactor reference reflection refresh regex registration registry regression reindex relation relational
relationship reliability reload remainder reminder removal rename renaming renderer replacement replica replicate
replication reporter repository representation reproduce requirement resample reservation resolution resolver response
responsive restful restriction retention retrieval retry reusable revalidate reversal reviewer revision rewrite
rewriting rmdir rollback rollout rotation router routing rsync ruby runbook runner runtime sampling sandbox sanitize
saver scaffold scalable scalar scaling scanner scheduler schema scikit scope scp scraper scroll scrub sealed searching
security seeding segfault segment selection selector semantics semaphore semver sender sentinel separation separator
sequence serialization serialize serializer serverless session setter setup shard sharding sharing shell shortcut
shorten shrinking shutdown sidebar sidecar sigmoid signature signing simplification simulation singleton situation
sizing skeleton sklearn slicing slider snapshot snippet socket softmax solver sorter sorting spec specification
specificity spinlock spinner splat splitter spreadsheet sprint sshd stability stacktrace staging standup starter startup
stash stat stateflow stateful stateless static statistic statx stderr stdin stdout stemming stepper sticky stopper
stopword storage streaming stringify stripe stroke struct stub subarray subclass subdirectory subdomain subfolder
subgraph submodule subnet subprocess subquery subroutine subscriber subscription substring subtitle subtract subtraction
subtree successful successor sudo suffix suggestion summarize summation superclass supervisor supporter suppression
swagger swap swapper switcher symlink sync synchronize synchronous syntax syscall systemd tab tablespace tabular tagger
taint tar tarball teardown telemetry template tenant tensor terminal terminate terraform tessellate tester textarea
threshold throttle throughput timeline timeout timestamp timezone todo toggle token tokenize toleration tooling tooltip
topology traceback tracing tracker trailing traits transaction transactional transcript transducer transformation
transformer transient transition translation translator transmission transpile transpose traversal traverser trigger
truncate tunnel tuple typecheck typedef typing typist ubuntu ulimit umount unary unboxing uncaught unchanged undefined
underscore unfinished unicode uniform uninstall union unique unit unittest unix unlock unmatched unmodifiable unmount
unpack unpush unreachable unsafe unsigned unstaged untrack untracked unused unwrap upcast upload uploader uppercase
upsert uptime usability useradd usermod utility validate validation validator variable variadic variance vectorize
vendor verbose verification verifier version versioned versioning viewer viewmodel viewport virtual visibility visitor
visualization visudo vite vitest volatile volume vuex vulnerability walker walkthrough walrus warning watchdog watcher
weakness webhook webpage websocket weighted wget whitelist whitespace widget wildcard window windows workaround worker
workflow workspace worktree wrapper wrapping writer wsgi yaml yield zebra zombie
"""
