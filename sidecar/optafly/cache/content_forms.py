"""Forms and spellings of English words that no rule gives."""

from typing import Final

IRREGULAR: Final = """
be: am is are was were been being | have: has had having | do: does did done doing | go: goes went gone | run: ran |
write: wrote written | build: built | send: sent | get: got gotten | give: gave given | take: took taken | make: made |
find: found | keep: kept | hold: held | lose: lost | leave: left | begin: began begun | break: broke broken | choose:
chose chosen | draw: drew drawn | drive: drove driven | fall: fell fallen | feed: fed | forget: forgot forgotten |
freeze: froze frozen | grow: grew grown | hide: hid hidden | know: knew known | mean: meant | overwrite: overwrote
overwritten | rewrite: rewrote rewritten | override: overrode overridden | rebuild: rebuilt | say: said | see: saw
seen | sell: sold | show: shown | sleep: slept | speak: spoke spoken | spend: spent | stick: stuck | swap: swapped |
teach: taught | tell: told | think: thought | throw: threw thrown | understand: understood | wake: woke woken | win:
won | bind: bound | bring: brought | buy: bought | catch: caught | come: came | deal: dealt | eat: ate eaten | fight:
fought | hang: hung | hear: heard | lead: led | meet: met | pay: paid | rise: rose risen | steal: stole stolen | undo:
undid undone | redo: redid redone | index: indices indexes indexing indexed | matrix: matrices | vertex: vertices |
child: children | person: people persons | datum: data | criterion: criteria | axis: axes | hash: hashes | query:
queries querying queried | cache: caches caching cached | analysis: analyses | library: libraries | key: keys | man:
men | mouse: mice | half: halves | leaf: leaves | life: lives | bus: buses buss | status: statuses | alias: aliases
aliased | class: classes | process: processes processing processed | access: accesses accessing accessed | address:
addresses addressing addressed | canvas: canvases | series: series | lens: lens | this: this | less: less | plus: plus |
minus: minus | versus: versus | always: always | was: was | pass: passes passing passed | die: dies dying died | lie:
lies lying lied | tie: ties tying tied | string: strings | thing: things | ring: rings | ping: pings pinging pinged |
spring: springs | nothing: nothing | something: something | anything: anything | everything: everything | during:
during | morning: mornings | evening: evenings | bring: brings bringing | sibling: siblings | need: needs needed
needing | feed: feeds feeding | seed: seeds seeding seeded | speed: speeds | embed: embeds embedding embedded
embeddings | red: red | shed: shed | big: bigger biggest
"""
# American spelling: British ones of the very same word.
BRITISH: Final = """
color: colour | colored: coloured | coloring: colouring | behavior: behaviour | favor: favour | favorite: favourite |
neighbor: neighbour | honor: honour | labor: labour | flavor: flavour | humor: humour | rumor: rumour | center: centre |
centered: centred | centering: centring | liter: litre | fiber: fibre | theater: theatre | catalog: catalogue |
analyze: analyse | paralyze: paralyse | defense: defence | offense: offence | gray: grey | artifact: artefact |
judgment: judgement | acknowledgment: acknowledgement | fulfill: fulfil | enroll: enrol | enrollment: enrolment |
skillful: skilful | aluminum: aluminium | plow: plough | skeptical: sceptical | mold: mould | pajamas: pyjamas |
jewelry: jewellery | inquiry: enquiry | canceled: cancelled | canceling: cancelling | modeled: modelled |
modeling: modelling | labeled: labelled | labeling: labelling | traveled: travelled | traveling: travelling |
traveler: traveller | signaled: signalled | signaling: signalling | tunneled: tunnelled | tunneling: tunnelling |
marshaled: marshalled | marshaling: marshalling | leveled: levelled | fueled: fuelled | totaled: totalled |
channeled: channelled | initialed: initialled | learned: learnt | spelled: spelt | burned: burnt | email: e-mail
"""
# Words that are near enough to one to be read as it, though they are not the same.
VARIANTS: Final = """
license: licence | practice: practise | program: programme programmes | check: cheque | disk: disc | meter: metre |
dialog: dialogue | analog: analogue | tire: tyre | percent: percentage | among: amongst | while: whilst |
toward: towards | afterward: afterwards | forward: forwards | backward: backwards | upward: upwards |
downward: downwards | cancel: canceled canceling | model: modeled modeling | label: labeled labeling |
travel: traveled traveling | signal: signaled signaling | tunnel: tunneled tunneling | marshal: marshaled marshaling
"""
# Words in -ise and its kin that have no -ize.
KEEP_S: Final = frozenset(
    """
    precise exercise otherwise promise raise noise enterprise premise advise revise supervise compromise concise
    likewise disguise surprise advertise improvise devise arise wise rise praise expertise franchise merchandise
    paradise treatise clockwise counterclockwise bitwise pairwise pointwise stepwise raised raising raises noised
    promised promises exercises exercised surprised surprising revised revises advised premises
    """.split()
)
# Words whose ending is part of them.
WHOLE: Final = frozenset(
    """
    this its his has as us yes news lens gas bias atlas canvas alias basis axis redis kubernetes postgres devops https
    dns tls css js aws gcs ios macos windows rails express less sass always perhaps besides whereas thus plus minus
    versus class process access address status bus virus corpus focus campus radius census bonus apparatus
    string thing ring ping spring nothing something anything everything during king sing bring wing sting swing
    need feed seed speed indeed exceed proceed succeed bleed breed weed red bed led shed embed hundred
    only early reply apply supply multiply family july daily weekly monthly yearly hourly italy fly rely poly assembly
    anomaly butterfly ugly holy jelly
    ruby python java go rust perl series species jenkins keras jinja pandas numpy nginx sentry
    timing ceiling morning evening
    """.split()
)
