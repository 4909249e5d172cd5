"""Words and phrases of software work that mean the same in a request: one entry a meaning, its name first.

Forms are found by stem; an underscore joins the words of a phrase. Only what can stand for the other in nearly every
request belongs together: a wrong line makes two requests equal that are not.
"""

from typing import Final

SYNONYMS: Final = """
remove: delete erase eliminate rm del removal deletion get_rid_of take_out strip drop_out throw_away clear_out purge |
add: append_to insert_into addition adding | create: generate gen creation produce generation make | show: display
print list_out output view see visualize depict | list: enumerate | find: locate search look_for detect discover
find_out spot identify search_for | change: modify alter edit adjust tweak modification | replace: substitute swap_out
exchange replacement substitution | convert: transform turn_into conversion translate_into change_into transformation
cast | migrate: port move_over migration switch_over | enable: turn_on switch_on activate enabled activation | disable:
turn_off switch_off deactivate disabled deactivation shut_off | start: launch begin start_up spin_up bring_up boot
startup | stop: halt shut_down shutdown cease bring_down | kill: terminate | restart: reboot relaunch | run: execute
exec execution invoke | install: set_up setup installation get_installed | uninstall: deinstall | check: verify
validate test_whether test_if make_sure ensure determine validation verification see_if see_whether | fix: repair
resolve correct solve get_rid_of_the_error remedy cure patch_up rectify fix_up sort_out | explain: describe
walk_me_through clarify elaborate explanation break_down | implement: impl implementation code_up | write: author
compose | rewrite: reword rephrase | compare: comparison difference differ differ_from distinguish distinction versus
differentiate | sort: order_by sorted sorting arrange | filter: filtering filtered | count: number_of how_many tally
amount_of cnt | merge: combine unite join_together merging | split: divide separate break_up partition | join:
concatenate concat concatenation | reverse: invert backwards flip | prevent: avoid | skip: omit leave_out pass_over |
ignore: disregard | allow: permit let_in allowed grant | forbid: disallow prohibit deny block ban reject refuse |
require: demand mandatory | wait: block_until await wait_for | retry: try_again retries | save: store persist write_out
| load: read_in | read: reading | send: transmit emit dispatch | receive: get_back recv | return: give_back returns |
throw: raise raises | catch: handle rescue | log: logging write_to_the_log | limit: restrict cap restriction limitation
| increase: enlarge bump_up grow | decrease: reduce lower shrink reduction cut_down | improve: enhance better
improvement | optimize: speed_up make_faster accelerate optimization | refactor: restructure clean_up tidy_up
refactoring | simplify: simplification | rename: give_the_name | resize: scale | shorten: abbreviate condense
make_shorter | summarize: summary sum_up summarise recap | deploy: deployment roll_out release_to | configure:
configuration config cfg settings | authenticate: auth sign_in authentication login logon signin | authorize:
authorization | encrypt: encryption | decrypt: decryption | encode: encoding | decode: decoding | compress: compression
| decompress: extract unpack unzip decompression | serialize: serialization | deserialize: deserialization unmarshal |
calculate: compute calculation work_out | round: rounding | format: formatting | draw: plot sketch | choose: select
pick decide_between | recommend: suggest advise recommendation suggestion propose proposal | measure: gauge measurement
| monitor: watch observe keep_an_eye_on | mock: stub_out | debug: debugging | undo: roll_back rollback take_back |
discard: throw_out | keep: preserve retain | hide: conceal | share: sharing | use: utilize employ make_use_of usage |
access: reach | happen: occur go_on take_place | cause: lead_to bring_about reason why | mean: meaning meant_by signify
stand_for meaning_of | need: necessary | work: function_as operate | iterate: loop loop_over go_through traverse
iteration walk_through | underline: underlined | translate: translation | truncate: cut_off | trim: strip_whitespace |
append: add_to_the_end | prepend: add_to_the_front | flatten: flattening | deduplicate: dedupe dedup remove_duplicates
rm_dups | dedupe_rows: drop_duplicates | sum: add_up total | average: mean_value avg | review: look_over code_review
give_feedback | function: fn func | directory: folder dir | file: files | parameter: param params args argument arg
parameters | variable: var vars | environment: env | database: db databases | repository: repo repos | document: doc |
documentation: docs | application: app apps | command: cmd | message: msg | image: img picture pic pics | string: str |
integer: int | boolean: bool | character: char | number: num | temporary: temp tmp | administrator: admin | dependency:
dep deps dependencies | development: dev | production: prod | specification: spec | information: info | statistics:
stats | reference: ref | pull_request: pr merge_request mr | request: req | response: resp | certificate: cert |
password: passwd pw | address: addr | attribute: attr | maximum: max largest biggest greatest highest | minimum: min
smallest lowest least | standard_deviation: stddev | error: err | expression: expr | regex: regexp regular_expression |
synchronous: sync | asynchronous: async | duplicate: dup dups repeated repeat | source: src | destination: dest dst |
length: len | package: pkg | example: eg sample | memory: ram mem | server: srv | version: ver | branch: branches |
hyperlink: link | spreadsheet: sheet | user_interface: ui | command_line: cli terminal console | operating_system: os |
continuous_integration: ci | hash_map: hashmap | linked_list: linkedlist | dictionary: dict | array: arr | object: obj
| pointer: ptr | thread: threads | process: proc | index: idx position | column: col | value: val | context: ctx |
button: btn | background: bg | foreground: fg | virtual_machine: vm | virtual_environment: venv virtualenv | unit_test:
unittest | frontend: front_end | backend: back_end | filename: file_name | hostname: host_name | dataset: data_set |
runtime: run_time | username: user_name | codebase: code_base | lifecycle: life_cycle | timezone: time_zone tz |
timestamp: time_stamp | whitespace: white_space blank_space | keyword: key_word | email: mail e_mail mail_address
e_mail_address | website: site web_site | webpage: page web_page | bug: defect | problem: issue trouble | advantage:
benefit pro pros upside advantages | disadvantage: drawback con cons downside | method: approach | snippet:
piece_of_code | test: tests testing | child: kid | screenshot: screen_capture | developer: programmer coder |
colleague: coworker | customer: client_company | phone: telephone | computer: machine pc | subfolder: subdirectory |
checkbox: check_box | dropdown: drop_down select_box | microservice: micro_service | pros_and_cons:
advantages_and_disadvantages pros_cons tradeoffs trade_offs | quick: fast rapid speedy | slow: sluggish | empty: blank
| big: large huge | small: little tiny | wrong: incorrect faulty | right: proper | current: present cur curr | whole:
entire complete full | same: identical equal | unique: distinct_values | simple: easy | automatic: automated auto |
manual: by_hand | parallel: concurrent in_parallel at_the_same_time simultaneous concurrently | recursive: recursion
recursively | random: randomly arbitrary | local: locally on_my_machine | remote: remotely | without: w/o lacking
free_of with_no | with: including along_with together_with | instead: rather_than in_place_of | only: just_the solely
nothing_but exclusively nothing_else | between: among | until: till | because: due_to owing_to | about: regarding
concerning | if: whether | before: prior_to ahead_of | after: afterwards | while: during | at_most: no_more_than up_to
not_more_than maximum_of max_of | at_least: no_less_than not_less_than minimum_of no_fewer_than min_of | more_than:
greater_than exceeding | less_than: fewer_than smaller_than | line_by_line: one_line_at_a_time | step_by_step:
one_step_at_a_time | in_place: inplace | real_time: realtime live | common: frequent usual | newest: latest most_recent
recent | oldest: earliest | case_insensitive: ignoring_case regardless_of_case ignore_case | daily: every_day each_day
per_day once_a_day everyday | nightly: every_night each_night | weekly: every_week each_week per_week once_a_week |
hourly: every_hour each_hour | monthly: every_month each_month per_month once_a_month | yearly: every_year each_year
once_a_year annual | weekday: working_day work_day business_day | permanent: for_good forever | now: right_now
at_the_moment at_present currently | descending: largest_to_smallest biggest_to_smallest highest_to_lowest high_to_low
large_to_small z_to_a largest_first newest_first biggest_first highest_first desc | ascending: smallest_to_largest
smallest_to_biggest lowest_to_highest low_to_high small_to_large a_to_z smallest_first oldest_first lowest_first asc |
forward: fwd | include: incl | exclude: excl | employee: emp | backtrace: bt | previous: prev | approximate: approx |
organization: org | library: lib libs | utility: util utils | connection: conn | event: evt | extension: ext suffix
file_extension | header: hdr | initialize: init initialization | language: lang | level: lvl | module: mod | operation:
op ops | performance: perf | permission: perm perms | picture: pic pics | property: prop props | quantity: qty |
selection: sel | sequence: seq | synchronize: synchronization | system: sys | table: tbl | text: txt | vector: vec |
video: vid | window: win | firewall: fw | container: ctr | group: grp | manager: mgr | delete_key: del_key | dataframe:
df | javascript_object: js_object | larger: bigger greater | smaller: lesser | once: one_time | sometimes: now_and_then
from_time_to_time at_times | incoming: inbound | outgoing: outbound | semantic_versioning: semver | specific: certain
particular | active: running | service: daemon | resource: ressource | theft: stealing | safer: more_secure | field:
fields | entry: entries | binary_search_tree: bst | least_recently_used: lru | end_to_end: e2e | graphical: gui |
kilobyte: kb | foreign_key: fk | primary_key: pk | table_of_contents: toc | role_based_access_control: rbac |
content_security_policy: csp | cross_site_scripting: xss | cross_site_request_forgery: csrf | server_sent_events: sse |
two_factor_authentication: 2fa | single_sign_on: sso | single_page_application: spa | object_relational_mapper: orm |
command_line_arguments: argv cli_arguments | data_structure: datastructure | pull: retrieve_from | touch: affect |
answer: reply respond | mutate: modify_in_place
"""
