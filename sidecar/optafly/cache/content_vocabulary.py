"""Common English words in their plain forms.

A word that is here, or in `content_terms`, is never taken for a slip of the pen of another one.
"""

from typing import Final

ENGLISH: Final = """
abandon ability able abnormal abort about above abroad absence absent absolute abstract absurd abuse accent accept
acceptance access accessibility accessible accident accidental accompany accomplish accord account accumulate accurate
achieve acid acknowledged acquire across action active activity actual adapt add addict additional address adequate
adjacent adjust admin admire admission admit adopt adult advance advantage adventure adverse advice advise affair affect
afford afraid after afterward again against agency agenda agent aggregate aggregation aggressive agree agreement ahead
aid aim air airport alarm album alert algebra alien align alike alive all alley allocate allow almost alone along
alphabetical already alright also alter alternate although altogether always amaze ambiguous amend among amount ample
anagram analogy analyst analytics ancestor anchor ancient anew angle angry animal animate animation announce
announcement annoy annual annul anomaly anonymize anonymous another answer answerable antenna anticipate anxiety anybody
anyhow anyone anything anyway anywhere apart apartment apologize apparent appeal appear appendix apple applicant apply
appoint appreciate approach appropriate approve approximate approximation arbitrary architect architecture archive area
argue arise arithmetic arm army around arrange array arrest arrive arrow art article artificial artist asap ascend aside
ask asleep aspect assemble assert assertive assess asset assign assist assistant associate assume assumption assure
astonish athlete atlas atom attach attack attempt attend attention attract auction audience audio audit author authority
auto autumn available avenue average avoid await awake award aware away awful awkward baby back backup backwards bad
badge bag bake balance ball ban band bank banner bar bare bargain barrel barrier base basic basin basis basket batch
bath battery battle beach beam bean bear bearer beat beautiful became because become bed before beforehand beg begin
beginner behalf behave behind being belief believe bell belong beloved below belt bench bend beneath benefit beside
besides best bet better between beyond bias bibliography bicycle bid big bigger bike bill binary bind bird birth
birthday bit bite bitter black blade blame blank blast blend bless blind blink block blog blood blow blue blueprint blur
board boat body boil bold bolt bomb bond bone bonus book boost boot border bore born borrow boss both bother bottle
bottom bounce bound boundary bounded bow bowl box boy bracket brain brake branch brand brave breach bread breadth break
breakdown breakfast breath breed breeze brick bridge brief bright brilliant bring broad broadcast broken brother brown
browse brush brute bubble bucket budget buffer bug build bulb bulk bullet bump bunch bundle burden burn burst bury bus
business bust busy but butter button buy bypass byte cable cake calculate calendar calibration call caller calm camera
camp campaign campus can cancel candidate cannot cap capable capacity capital capitalize caption capture car carbon card
care career careful cargo carpet carry cart carve case cash cast castle casual cat catch category causal causation cause
caution cease ceiling celebrate cell cent center central century ceremony certain certify chain chair chairman challenge
chamber champion chance change channel chaos chapter character charge charity charm chart chase chat cheap cheaper
cheapest cheat check cheek cheer cheese cherry chess chest chicken chief child chip chocolate choice choose chop
choreography chunk church circle circuit circular citizen city civil claim clap clarity clash class classic classify
clause clean cleaner clear clerk clever click clickable client climate climb clip clock clockwise clone close closer
closest cloth cloud club clue cluster coach coal coarse coast coat code coefficient coexist coffee coin cold collapse
collar colleague collect college collide collision colon colony column combat combine come comfort comfortable comma
command comment commerce commit committee common communicate community commutative compact company compare compass
compatibility compatible compel compensation compete compile complain complement complete complex comply component
compose compound comprehend compress comprise compromise compute conceal concede conceive concept concern concert
conclude concrete condemn condense condition conduct cone conference confess confidence confident configure confine
confirm conflict conform confront confuse confusion congress connect conquer conscious consecutive consensus consent
consequence conserve consider consist consistent console constant constitute constrain construct consult consume contact
contain contemporary contend content contest context contiguous continent continue continuous contract contradict
contrary contrast contribute control controversy convenient convention converge converse convert convey convince cook
cool cooperate coordinate cope copper copy cord core corner corporate correct correlate correspond corrupt cost cottage
cotton cough could council counsel count counter counterclockwise country county couple coupon courage course court
courteous courtesy cousin cover cow coworker crack craft cram crash crawl crazy cream create creature credit creep crew
crime crisis criterion critic criticize crop cross crowd crown crucial crude cruel cruise crush cry crystal cube culprit
culture cumulative cup cure curious currency current curse cursor curtain curve custom customer cut cute cycle daemon
daily dairy damage damp dance danger dangerous dare dark darker dash data date daughter dawn day dead deadline deadlock
deaf deal dear death debate debit debt decade decay deceive decent decide decimal decision deck declare decline
decomposition decorate decorative decrease dedicate deduce deed deem deep deeper deepest default defeat defect defend
defer define definite degree delay delegate delete deliberate delicate delight delimit deliver delivery delta demand
demo democracy demonstrate denote dense deny depart depend deploy deposit deprecate deprecation depreciation depress
deprive depth derivation derive descend descendant describe desert deserve design desire desk despair desperate despite
destination destroy detach detail detect determine deterministic develop deviate device devise devote diagnose diagram
dial dialect diameter diamond diary dice dictate dictionary die diet differ difficult dig digest digit dignity dim
dimension diminish dine dinner dip direct dirt dirty disadvantage disappear disappoint disaster discard discharge
discipline disclose discount discourage discover discrete discuss disease dish disk dislike dismiss disorder dispatch
display dispose dispute disregard disrupt distance distant distinct distinguish distort distract distribute district
disturb ditch dive diverge diverse divert divide divine division do dock doctor document dog doll dollar domain domestic
dominate donate door dose dot double doubt doubtful down download downtime dozen draft drag drain drama dramatic draw
drawer dream dress drift drill drink drive drop drown drug drum dry due dull dumb dummy dump duplicate durable duration
during dust duty dwell dynamic eager ear earlier early earn earth ease easier easiest east easy eat echo economy edge
edit educate effect efficient effort egg eight eighty either elaborate elapse elastic elect electric elegant element
elevate eleven eliminate elite else elsewhere embarrass embed embrace emerge emergency emit emotion emphasis empire
empirical employ empty enable enclose encounter encourage end endless enemy energy enforce engage engine engineer
english enhance enjoy enormous enough enqueue enrich ensure enter enterprise entertain enthusiasm entire entirely
entitle entity entrance entry envelope environment envy epoch equal equation equip equivalent era erase erect error
escape especially essay essence essential establish estate estimate eternal ethic evaluate even evening evenly event
eventual ever every everybody everyone everything everywhere eviction evidence evil evolve exact exaggerate examine
example exceed excellent except excess exchange excite exclude exclusive excuse execute exercise exhaust exhibit exist
exit exotic expand expect expedition expel expense experience experiment expert expire explain explicit explode exploit
explore exponent export expose express extend extent exterior external extra extract extraordinary extreme eye fabric
face facility fact factor factory factual faculty fade fail faint fair faith fake fall false fame familiar family famous
fan fancy fantasy far farewell farm fashion fast faster fastest fat fatal fate father fault favor fear feast feat
feather feature federal fee feed feel fellow female fence fetch fever few fewer fiber fiction field fierce fifty fight
figure file fill film filter final finance find fine finger fingerprint finish finished finite fire firm first fiscal
fish fit five fix flag flame flash flat flatten flavor flaw flee fleet flesh flexible flight flip float flood floor
flour flow flower fluctuate fluid flush fly focus fog fold folder folk follow fond font food fool foot footer footnote
for forbid forbidden force forecast foreign forest forever forgery forget forgive fork form formal format former formula
fort forth fortune forty forum forward foster found foundation four fraction fragile fragment frame framework frank
fraud free freedom freeze freight frequency frequent fresh freshness friction friday friend friendlier frighten from
front frost frozen fruit frustrate fuel fulfill full fun function functional fund fundamental funeral funny furnish
furniture further fussy future gain galaxy gallery gamble game gang gap garage garbage garden garment gas gate gateway
gather gauge gay gaze gear gender gene general generate generational generic generous genius gentle genuine geometric
geometry german gesture get ghost giant gift girl gist give glad glance glass global globe glory glow glue go goal goat
god gold golden good goodwill goose gotcha goto govern grab grace graceful gracious grade gradual graduate grain grammar
grammatical grand grant granular graph graphics grasp grass grateful grave gravity gray grayscale great greater greedy
greek green greet grid grief grin grip gross ground group grow guarantee guard guess guest guide guilty guitar gun guy
habit hair half hall halt halve hammer hand handbook handful handheld handle handshake handsome handy hang happen happy
harbor hard harder hardest hardly hardware hare harm harmful harmless harmony harsh harvest hash hasn't hassle haste hat
hate haul have haven hazard head header heal health healthy heap hear heart heat heaven heavy hedge height heir
helicopter hell hello helmet help hence herald herd here hereby heritage hero hesitate hex hide hierarchy high higher
highlight highway hill hint hip hire history hit hobby hold hole holiday hollow holy home honest honey honor hook hope
hopefully horizon horizontal horn horrible horror horse hospital host hostile hot hotel hour house household hover how
however huge human humble humidity humor hundred hundredth hungry hunt hurry hurt husband hybrid hyphen hypothesis ice
icon idea ideal identical identify identity idiom idle ignorant ignore ill illegal illusion illustrate image imagine
imitate immediate immense immigrant immune impact impatient imperative imperial implement implementer implicit imply
import importance important impose impossible imprecise impress improper improve impulse inaccessible inaccurate
inactive inch incident incline include income incoming incomplete inconsistent incorporate incorrect increase increment
incur indeed indefinite indent independence independent index indicate indirect individual induce indulge industry
ineffective inevitable inexpensive infant infer inferior infinite inflate inflexible influence inform informal
informative infrastructure ingredient inhabit inherit initial initiate inject injure inline inner innermost innocent
innovate input inquire insecure insensitive insert inside insight insist inspect inspire instability install instance
instant instead instinct institute instruct instrument insufficient insult insurance intact integer integral integrate
intellect intelligent intend intense intent interact interactive interest interface interfere interior intermediate
internal international internet interpret interrupt interruption intersect interval intervene interview intimate into
introduce intrude invade invalid invent inventory inverse invert invest investigate invisible invite invoice invoke
involuntary involve iron irony irregular irrelevant irreversible island isolate issue issuer italian item iterate itself
ivory jacket jail jam jar jaw jealous jerk jet jewel jitter job join joint joke journal journey joy judge juice jump
junction jungle junior junk jury just justice justified justify keen keep kernel kettle key keyboard kick kid kill
kilogram kind kindly king kiss kitchen knee kneel knife knight knit knob knock knot know knowledge label labor lack
ladder lady lag lake lamb lamp land landscape lane language lap laptop large larger laser last late lately latency later
latest latter laugh launch laundry law lawn lawyer lay layer layout lazy lead leader leaf league leak leakage lean leap
learn lease least leather leave lecture left leg legacy legal legend legitimate leisure lemon lend length lens less
lesser lesson lest let letter level lever liable liberal liberty library license lid lie life lifelong lifetime lift
light lighter lightning lightweight like likely likewise limb limerick limit limp line linear linen linger link lint
lion lip liquid list listen literal literary literature little live lizard load loan lobby local locality locate lock
log logic logical lonely long longer longest look loop loose lord lose loss lossy lot loud love lovely low lower loyal
luck lucky luggage luminance lunch lung luxury machine mad magazine magic magnet magnitude maid mail main mainstream
maintain major make male malicious mall man manage management manager mandate manipulate manner manual manufacture many
map marble march margin marine mark marker market markup marriage marry mask mass massive master match mate material
math matrix matter mature maximum may maybe mayor maze meal mean meaning meaningful meantime measurable measure meat
mechanic mechanism media median medical medicine medium meet megabyte melt member membership memory mental mention menu
merchant mercy mere merge merit merry mesh mess message metal method metric micro mid middle midnight might migrate mild
mile military milk mill mind mine mineral minimal minimum minister minor minus minute miracle mirror misery misleading
misplace miss mission misspell mistake mix mixture mobile mock mode model modem moderate modern modest modify modular
module moin moist moment monday money monitor monkey month monthly mood moon moral more moreover morning mortal mortgage
most mother motion motive motor mount mountain mouse mouth move movement movie much mud multiple multiply murder muscle
museum music must mutability mutable mutate mutual myself mystery myth nail naive naked name nameless namespace narrow
narrower nasty nation native nature navigate near nearby nearest neat necessary neck need needle negative neglect
negligible negotiate neighbor neither nerve nest net network neutral never nevertheless new newcomer newer newest newly
news newsletter next nice nicely nicer night nine ninety nobody nod node noise none nonsense nonzero normal normalize
north nose notable notation note notebook nothing notice noticeable notify notion noun novel novice now nowhere nuclear
null number numeral numerous nurse nut obey object oblige obscure observability observe obsolete obstacle obtain obvious
occasion occasional occupy occur ocean odd off offend offer office officer official offline offset often oil okay old
older oldest omit once one ongoing onion online only onto opaque open opera operate operator opinion opponent
opportunity oppose opposite optimal optimism option optional oral orange orbit order ordinal ordinary organ organic
organize orient origin original orphan other otherwise ought ounce our ourselves outcome outer outermost outlast outline
outlive output outside oval oven over overall overcome overdue overflow overhead overheard overlap overlay overlook
overly overnight overwhelm owe own owner oxygen pace pack packet pad page pain paint pair palace pale pallet palm pan
panel panic paper parade paradigm paragraph parallel parallelism parameter parcel pardon parent parenthesis park parse
part partial participate particle particular partition partner party pass passage passenger passion passive past paste
patch patent path patience patient patrol patron pattern pause pave pay payload payment peace peak pearl peculiar peel
peer pen penalty pencil penetrate pension penultimate people pepper per perceive percent percentage percentile perfect
perform perhaps peril period periodic permanent permission permit persist person personal personnel perspective persuade
pet petition phase phenomenon philosophy phone photo phrase physical physics piano pick picker picture pie piece pierce
pig pile pill pillar pilot pin pine pink pint pioneer pipe pipeline pit pitch pity pivot pixel place plague plain plan
plane planet plant plaster plastic plate platform play player plea plead pleasant please pleasure plenty plot plug
plunge plural plus pocket poem poet point pointless poison poke pole police policy polish polite political poll pollute
pond pool poor pop popular populate port portable portion portrait pose position positive possess possible post postal
postpone pot potato potential pound pour poverty powder power practical practice praise pray preach precede preceding
precious precise predecessor predicate predict predictable prediction prefer preferred prefix pregnant prejudice
preliminary premature premise premium prepaid prepare prescribe presence present preserve president press pressure
presumably presume pretend pretty prevail prevent preview previous prey price pride priest primary prime primitive
prince principal principle print prior priority prison privacy private privilege prize probable probe problem procedure
proceed process proclaim produce product profession professor profile profit profound program progress prohibit project
prominent promise promote prompt prone pronounce proof proofread proper property proportion proposal propose proprietary
pros prose prospect prosper protect protein protest protocol proud prove proverb provide province provisional provoke
proxy prune public publish pull pulse pump punch punctual punish pupil purchase pure purple purpose purse pursue push
put puzzle qualify quality quantity quarantine quarrel quarter queen query quest question queue quick quicker quiet
quieten quit quite quiz quota quotation quote rabbit race radar radical radio rag rage raid rail rain raise rally ramp
random range rank rapid rare rash rat rate rather ratio rational rationale raw ray reach react reactive read readable
ready real realistic reality realize realm rear reason rebel rebuild rebuke recall receipt receive recent reception
recipe reckon recognize recommend reconcile record recover recruit rectangle recur recycle red redeem redesign redirect
redo reduce redundant reentry refer refine reflect reform refresh refuge refund refuse regain regard regardless regime
region register regression regret regular regulate rehearse reign reinstall reinvent reject rejection relate relation
relative relaunch relax release relevant reliable relief relieve religion reluctant rely remain remainder remark remedy
remember remind remote remove render renew renewal rent rental reopen repair repeat repeatable repetitive replace replay
replica reply report represent reproduce reproducible republic reputation request require reread rescue research
resemble resend resent reserve reserved reset resettle reshape reshuffle reside resident resign resilient resist
resolute resolve resort resource respect respective respond responsibility rest restart restaurant restore restrain
restrict result resume retail retain retire retreat retrieve retrospective retry return reusable reuse reveal revenge
revenue reverse reversible revert review revise revive revoke revolution reward rework rhythm ribbon rice rich rid
riddle ride ridge ridiculous rifle right rigid rigorous ring riot ripe rise risk risky ritual rival river road roam roar
roast rob robot robust rock rocket rod role roll romance roof room root rope rose rot rotate rough roughly round
roundabout route routine row royal rub rubber rude rug ruin rule ruler rumor run rural rush rust sack sacred sacrifice
sad saddle safe safer safest safety sail saint sake salad salary sale salt same sample sanction sand sandwich satellite
satisfy saturday sauce sausage save saw scale scan scandal scarce scare scatter scenario scene scenery schedule
scheduled scheme scholar school science scissors scope score scorn scrap scrape scratch scream screen screw script
scroll scrollbar sculpture sea seal seamless search season seat second secondary secret section sector secure seed seek
seem segment segmentation segregation seize seldom select selective self sell semantic semicolon senate send senior
sensation sense sensible sensitive sensor sentence separate sequence sequential serial series serious serve server
service session set settle seven seventh seventy several severe severity sew shade shadow shake shall shallow shame
shape share shareable shark sharp shatter shave shed sheep sheet shelf shell shelter shield shift shine ship shirt shock
shoe shoot shop shore short shorter shortest shot should shoulder shout shovel show shower shrink shrug shuffle shut
shutdown shy sibling sick side sidebar siege sigh sight sign signal significant silence silent silently silk silly
silver similar similarity simple simpler simplest simplify simulate simultaneous sin since sincere sine single sink sir
sister sit site situate six sixty sizable size skeleton sketch ski skill skilled skin skip skirt skull sky slash slave
sleep sleeve slice slide slight slim slip slogan slope slot slow slowdown slower slowest sluggish small smaller smart
smartphone smell smile smoke smooth snake snap snapshot sneak snow soak soap sober soccer social society sock socket
soft softer software soil solar soldier sole solid solution solve somebody somehow someone something sometimes somewhat
somewhere son song soon sophisticated sore sorrow sorry sort soul sound sounds soup sour source south space span spanish
spare spark sparse spatial speak special species specific specify spectrum speech speed spell spend sphere spider spike
spill spin spine spiral spirit spit spite splash split spoil sponsor spoon sport spot spotless spray spread spring spy
square squeeze stable stack staff stage stain stair stake stale stall stamp stand standalone standard star stare start
startle starve state statement static station statue status stay steady steal steam steel steep steer stem step stereo
stick sticky stiff still stimulate sting stir stitch stock stomach stone stool stop storage store storm story stove
straight straightforward strain strange strategy stratify straw stray stream street strength stress stretch strict
strictly strike string strip stripe strive stroke strong stronger strongly structure struggle student studio study stuff
stupid stutter style subject submit subordinate subscribe subsequent subset subsidy substance substitute subtle suburb
succeed success such sudden sue suffer suffice sufficient suffix sugar suggest suicide suit suitable suite sum summary
summer summit sun sunday super superb superfluous superior supermarket supervise supper supplement supplier supply
support suppose suppress supreme sure surface surge surgery surname surplus surprise surrender surround surrounding
survey survive suspect suspend suspicion suspicious sustain swallow swear sweat sweep sweet swell swift swim swing
switch sword symbol symbolic symmetrical sympathy symptom synchronous syntax system table tablet tackle tag tail tailor
take tale talent talk tall tamper tank tap tape target tariff task taste tax taxi tea teach teacher team tear tease
technical technique technology tedious teenager telegraph telephone television tell temper temperature temple temporary
tempt tenant tend tendency tender tennis tense tension tent tentative term terminal terrible territory terror terse test
testify text textile than thank theater theft their theme themselves then theorem theory therapy there therefore thermal
thick thief thin thing think third thirst thirtieth thirty this thorough those though thought thousand thread threat
three threshold thrice thrive throat throne through throughout throw thumb thumbnail thunder thursday thus ticket tide
tidy tie tiger tight tilde tile till tilt timber time timely timer timetable tin tiny tip tire tissue title toast
tobacco today toe together toggle toilet token tolerance tolerant tolerate toll tomato tomb tombstone tomorrow tone
tongue tonight tool tooth top topic topology torch tortoise torture toss total touch tough tour tourist tournament
toward tower town toxic toy trace track trade tradition traditional traffic tragedy trail trailing train trait
transaction transfer transform transit translate transmit transparent transplant transport trap trash travel traverse
treasure treat treaty tree tremble trend trial triangle tribe trick tricky trigger trim trip triumph trivial troop
tropical trouble troublesome trousers truck true truncate trunk trust trustworthy truth try tube tuesday tune tunnel
turn tutor tutorial twelve twenty twice twin twist two twofold type typical typo ugly ultimate umbrella unable unanimous
unauthorized unavailable unchecked uncle unclear uncommon under undergo underline underlying understand undertake
undesired undetected undo uneven unexpected unfair unfamiliar unfinished unfold unhandled unhappy unhealthy unified
uniform unimportant uninitialized uninterrupted union unique uniqueness unit unite unity universe university unknown
unless unlike unlikely unlimited unlocked unnamed unnecessary unneeded unpaid unpredictable unprotected unread
unreadable unrelated unreliable unresolved unsafe unseen unsorted unspecified unsuccessful unsupported unsure untested
until untouched untrusted unusual unwanted unwieldy upcoming update upgrade upon upper uppercase upright upset upwards
urban urge urgent us usable usage use used useful user usual utility utter vacant vacation vacuum vague vain valid
validity valley value van vanish vanity variable variant variety various vary vast vector vegetable vehicle vein
velocity velvet vendor verb verbal verbose verdict verify verse version versus vertical very vessel veteran via viable
vice victim victory video view vigor village violate violence violet virtual virtue virus visible vision visit visual
vital vivid vocabulary voice void volatile volcano volume voluntary volunteer vote voucher voyage vulnerable wage wagon
waist wait wake walk wall wallet wander want war ward wardrobe warehouse warm warn warp warrant warrior wash waste
wasteful watch water wave wax way weak weaker wealth weapon wear weather weave web wedding wednesday weed week weekday
weekend weekly weep weigh weight welcome welfare well west western wet wether whale what whatever wheat wheel when
whenever where whereas wherever whether which while whip whisper whistle white whoever whole wholesale wholly whom whose
wide wider widespread widest widget widow width wife wild wilderness will willing win wind window wine wing winner
winter wipe wire wireless wisdom wise wish wit witch with withdraw withdrawal within without witness wolf woman wonder
wood wool word work workable workaround workbook workday worker workflow worksheet world worm worry worse worst worth
worthwhile worthy would wound wrap wreck wrist write wrong yard year yellow yes yesterday yet yield you young youngest
your yourself youth zebra zero zigzag zone zoo zoom
"""
