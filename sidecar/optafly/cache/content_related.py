"""Words that can stand for each other in a request, and need not.

Unlike synonyms they may be in several entries, and what two of an entry's words can stand for is not equal by that.
"""

from typing import Final

RELATED: Final = """
write implement create make code program develop build produce | show list print display view see get output |
get fetch retrieve obtain read load query | get find know learn tell determine |
find search look_for locate get spot | check test verify inspect see | check test whether | assert check test |
change update modify edit adjust | change convert turn transform make | change set make |
change replace switch swap | set define configure specify assign put | add insert put append include attach |
add new extra additional further another | add write put | remove clear clean wipe empty purge |
exclude skip ignore omit leave | clear reset empty | stop prevent avoid keep block |
stop end quit exit finish terminate cancel abort | start begin launch run open boot |
run execute start launch call invoke | run work | happen occur result come follow | cause make create lead happen |
cause explain reason | keep preserve hold save retain stay remain leave | keep store save hold |
store save put keep write | move transfer take put send | copy put move transfer |
send post submit transmit emit push | publish upload push release | publish expose forward open |
share reuse distribute | forward redirect send pass proxy | give pass provide hand supply assign | pass give send |
return give answer yield produce | allow let permit enable open | allow support |
forbid block prevent deny stop refuse | limit restrict cap maximum at_most | catch handle recover deal intercept |
handle deal process treat manage | wait block sleep pause delay | connect attach join link access |
connect reach access talk | merge join combine unite | split break divide cut separate chunk | group split |
parse read decode decompress interpret | convert parse translate turn | convert replace | convert cast change |
replace override overwrite substitute | rename name call | use apply run employ have | need require must want |
update upgrade refresh bump renew | compare difference oppose contrast distinguish | difference distinction |
same equal identical match | match equal fit correspond find | measure time profile benchmark |
measure calculate count determine | calculate count get find determine estimate | count number tally |
sort order arrange rank | select choose pick | choose prefer decide use | recommend suggest choose |
explain describe clarify tell show | describe summarize outline | summarize shorten condense |
improve optimize enhance | improve make better preferable | refactor rewrite restructure simplify clean |
fix solve repair correct resolve handle stop | fix remove | error failure problem bug mistake fault issue |
error exception | error wrong mistake | complain report say warn | warn warning alert | fail break crash |
crash die abort | exist present available be | exist current existing | contain include hold have |
contain include with | include contain cover | lack miss without | missing lack absent | miss lose | lose drop |
open access start | close end shut | put place set write | place location position spot | string text |
text string content | value number | part piece section segment portion | kind type sort |
way method approach technique manner | step stage phase | task job | goal purpose aim | purpose point use |
content text body data | message text | counterpart equivalent version | equivalent same counterpart version |
example sample demo | section part chapter | page document | manual guide documentation | guide tutorial |
command statement | statement query command | program script tool application | application program service |
service server | server host machine | host machine computer | machine computer laptop system | network internet |
user account person customer | person user human people somebody | owner holder | admin administrator root |
developer programmer engineer | beginner newbie novice | important matter relevant | enough sufficient |
exact precise | direct immediate straight | quick fast short brief | brief short concise | long large |
large big high | small short low | more further additional | new fresh | old previous former |
last newest final recent past | last previous past | first initial beginning | next following | current present now |
final last end | end finish last rest | beginning start first | begin start first front | unique distinct different |
different other various | single one only | alone only | only just single | separate own different |
own separate custom | common usual typical frequent popular | typical usual normal regular |
normal regular ordinary usual | default standard automatic | standard default usual | safe secure | safe reliable |
dangerous risky unsafe | useful helpful | possible feasible | impossible prevent | immutable unmodifiable readonly |
read_only readonly immutable | circular cyclic ring | cumulative running | concurrent parallel simultaneous |
nested inner | empty blank null | null none nil | true correct right | successful pass succeed work |
otherwise unless else | unless except if | besides except apart | except unless other | because since |
until before till | once after when | while during when | instead rather | sometimes occasionally |
often frequently | a11y accessibility | i18n internationalization | l10n localization | nullpointerexception npe |
hash_map hashmap dictionary map | dataframe df | parent superclass base | child subclass derived |
pointer reference | folder directory path | path location | file document | image picture photo | window terminal |
terminal shell command_line | shell bash terminal | key credential | password secret credential | certificate tls |
website page | email message | invoice bill | price cost | amount number sum | sum total amount | size length |
duration time length | time moment | date day | interval period | period interval time | deadline timeout |
timeout time | limit threshold | rate speed | speed performance | memory ram | space memory | cpu processor |
disk drive storage | downtime interrupt interruption outage | interruption downtime break | firewall fw |
container ctr | collect gather | vec vector | loop iterate repeat | repeat retry loop | retry repeat attempt |
attempt try retry | trial attempt | shuffle randomize | random arbitrary | skip pass ignore | hide conceal mask |
mask hide redact | reveal show expose disclose | borrow use | roll return | recover restore | restore recover get |
backup copy save | dump export backup | export dump save | import load | load import read open |
render draw show display | draw plot render paint | plot chart graph draw | chart graph plot diagram |
diagram chart drawing | format layout | layout arrangement | style format | color colour | wrap enclose surround |
trim strip | strip trim remove | escape quote | validate check verify | verify check validate confirm |
ensure guarantee make check | monitor watch observe track | watch follow monitor | track follow monitor |
schedule run plan | deploy publish release ship | ship deliver release | install setup add |
setup configure install | remove drop discard | collection sequence | remove exclude filter | kill end
"""
