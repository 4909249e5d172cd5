"""Words that exclude each other in a request: pairs of opposites, and sets of which a request means one.

Words are written as in the synonyms; every form and synonym of a word counts as the word.
"""

from typing import Final

OPPOSITES: Final = """
enable disable | add remove | create remove | create drop | add drop | install uninstall | local remote |
local global | encode decode | encrypt decrypt | compress decompress | serialize deserialize | marshal unmarshal |
pack unpack | first last | first second | second third | 1st last | 1st 2nd | 2nd 3rd | newest oldest |
next previous | before after | ascending descending | asc desc | maximum minimum | up down | upper lower |
uppercase lowercase | left right | top bottom | client server | synchronous asynchronous | public private |
staged unstaged | merge rebase | push pull | push fetch | push pop | enqueue dequeue | start stop | open close |
lock unlock | mount unmount | attach detach | connect disconnect | read write | load save | import export |
upload download | send receive | input output | allow forbid | accept reject | include exclude |
whitelist blacklist | allowlist denylist | show hide | expand collapse | increase decrease | increment decrement |
positive negative | even odd | true false | yes no | success failure | succeed fail | pass fail | valid invalid |
required optional | mandatory optional | visible invisible | visible hidden | static dynamic | mutable immutable |
const mutable | shallow deep | inner outer | inside outside | internal external | inbound outbound |
incoming outgoing | ingress egress | forward backward | horizontal vertical | row column | width height | wide high |
wide tall | x y | head tail | begin end | start end | front back | prefix suffix | prepend append |
leading trailing | parent child | ancestor descendant | superclass subclass | base derived | source destination |
producer consumer | publish subscribe | publisher subscriber | sender receiver | request response | master slave |
primary replica | primary secondary | primary foreign | major minor | upgrade downgrade |
apply roll_back | apply undo | undo redo | backup restore | keep remove | keep discard | retain discard | keep drop |
preserve discard | sort shuffle | sorted unsorted | ordered unordered | ordered random | signed unsigned |
checked unchecked | controlled uncontrolled | supervised unsupervised | structured unstructured |
stateful stateless | online offline | hot cold | warm cold | light dark | bright dark | strong weak | eager lazy |
early late | greedy lazy | strict loose | strict lenient | optimistic pessimistic | recursive iterative |
sequential parallel | serial parallel | single multiple | one all | one many | singular plural | same different |
global scoped | long short | longest shortest | high low | highest lowest | fast slow |
fastest slowest | big small | wide narrow | old new | older newer | young old | empty full | empty non_empty |
blank filled | null non_null | nullable non_null | known unknown | present absent | present missing | exist missing |
with without | for against | pro disadvantage | advantage disadvantage | best worst | better worse | good bad |
right wrong | cheap expensive | safe unsafe | secure insecure | trusted untrusted | stable unstable |
permanent temporary | automatic manual | explicit implicit | inline external | in_place copy | encoded decoded |
compile interpret | compile_time runtime | frontend backend | virtual physical | soft hard | software hardware |
symmetric asymmetric | stable nightly | debug release | development production | staging production |
tracked untracked | merged unmerged | committed uncommitted | used unused | login logout | log_in log_out |
register unregister | subscribe unsubscribe | bind unbind | link unlink | wrap unwrap | mute unmute | box unbox |
freeze unfreeze | freeze thaw | pin unpin | follow unfollow | select deselect | zoom_in zoom_out |
raise lower | rise fall | grow shrink | gain lose | win lose | buy sell | borrow lend | give take | ask answer |
question answer | numerator denominator | divide multiply | sum difference | add subtract |
plus minus | float integer | inclusive exclusive | included excluded | above below | over under |
more_than less_than | at_least at_most | more less | most least | more fewer | always never |
everyone nobody | common rare | frequent rare | often rarely | deprecated supported | legal illegal |
clean dirty | idle busy | foreground background | blocking nonblocking | buffered unbuffered | cached uncached |
verbose quiet | loud quiet | interactive batch | relative absolute | hourly daily |
daily weekly | weekly monthly | monthly yearly | permit block | block unblock | ban unban | encourage discourage |
agree disagree | like dislike | precision recall | overfit underfit | bias variance | depth breadth |
depth_first breadth_first | stack heap | upstream downstream | inheritance composition |
authentication authorization | authenticate authorize | odd_numbers even_numbers | case_sensitive case_insensitive |
big_endian little_endian | hit miss | lossy lossless | throw catch | throw return | allocate free | acquire release |
grant revoke | escape unescape | quote unquote | indent unindent | comment uncomment | minify prettify |
pause resume | suspend resume | stop continue | break continue | horizontally vertically | full partial |
full incremental | total partial | minimum average | maximum average | min max | earlier later | former latter |
idempotent safe
"""
# Each line holds alternatives: where one text has one and the other another, they ask for different things.
CONTRASTS: Final = """
branch tag commit stash remote submodule worktree fork hook | commit push pull fetch merge rebase cherry_pick squash
amend revert reset stash checkout clone blame bisect | container image volume network pod node service deployment
ingress namespace cluster job cronjob statefulset daemonset | configmap secret replicaset context | liveness readiness
| list array tuple set dictionary map vector linked_list stack queue deque heap tree graph trie hash_map matrix string
| integer float boolean double decimal character byte | class struct interface enum trait module package object record
union protocol | function class method module file line variable field property attribute constructor destructor | row
column table index view trigger schema database sequence constraint cell | word line character paragraph sentence token
page | get post put patch | select insert update delete upsert truncate | inner_join left_join right_join full_join
cross_join | cpu memory disk network gpu heap | group owner | user group role | read write | file directory symlink
socket pipe device | header footer sidebar body title | button link checkbox dropdown radio textarea slider modal
tooltip menu | margin padding border outline | color background font | width height depth | camera microphone location
contact | zip tar gzip | second minute hour day week month year | monday tuesday wednesday thursday friday saturday
sunday weekday weekend | north south east west | mean median mode variance standard_deviation maximum minimum sum count
| precision recall accuracy f1 | train validation test_set | bubble_sort quicksort mergesort heapsort insertion_sort
selection_sort timsort | dfs bfs dijkstra | singleton factory observer strategy decorator adapter facade proxy builder
prototype visitor command_pattern state_pattern | mutex semaphore spinlock futex | lock semaphore barrier latch |
debounce throttle | tcp udp | http https ftp ssh smtp imap websocket grpc | unit_test integration_test end_to_end | red
green blue yellow black white gray orange purple | debug info warning error critical | string number boolean date |
cookie session token | authentication authorization | hash encrypt encode sign | stop restart start reload pause | kill
stop | explain fix test review refactor implement document rename optimize translate | readme changelog | sort filter
group count sum | sort reverse shuffle | search count replace remove | count list | create list | create rename |
create update | update remove | rename remove copy move | show remove | show count | list remove | install update |
login signup | map filter reduce | minor major patch | alpha beta | equal greater less | linear quadratic logarithmic
exponential cubic | linear logistic | poisson exponential normal binomial uniform | variance covariance correlation |
email phone | latency throughput | rows columns | left right center | top bottom middle | static virtual abstract
inline const volatile | public private protected internal | get set | even odd prime
"""
