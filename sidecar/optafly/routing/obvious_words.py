"""The words of `optafly.routing.obvious`: regular expressions, one a line, for lower case without politeness."""

from typing import Final

POLITE_BEGINNING: Final = r"""
please|pls|hi|hey|hello|ok|okay|so|well|um|thanks|thank you|now|can you|could you|would you|i need you to
i want you to
i'd like you to|bitte|kannst du|könntest du|s'il te plaît|peux-tu|por favor|puedes|per favore|proszę|пожалуйста
"""
POLITE_BEGINNING_UNSPACED: Final = "请|請|帮我|麻烦"
POLITE_END: Final = r"""
please|pls|thanks|thank you(?: very much| so much)?|thx|bitte|danke|s'il te plaît|s'il vous plaît|stp|merci|por favor
gracias|obrigad[oa]|per favore|grazie|alsjeblieft|graag|proszę|пожалуйста|спасибо
"""

# A program, a command or an explanation is wanted: "how do I get today's date in Go" has one answer.
ABOUT_CODE: Final = r"""
how (?:do|to|can|could|would|does|should|is|are)|ways? to|what(?:'s| is| are) a|why (?:is|are|does|do)|example of
explain
function|method|class|script|code|program|regex|query|command|snippet|one-?liner|macro|formula|library|package|api
algorithm|mean(?:s|ing)?|difference|submodules?|seed|nonce|generator|math|arrays?|strings?|bytes
in (?:js|ts|go|c|c\+\+|c#|swift|scala|perl|lua|r|shell|excel|linux|git|vim|html|css|haskell|mysql|powershell)
python|javascript|typescript|java|golang|rust|kotlin|php|ruby|sql|postgres\w*|sqlite|bash|django|express|pandas|numpy
asyncio|react|curl|openssl|rsync|ssh|intellij|vs ?code
wie (?:kann|lese|mache|bekomme|man|geht)|funktion|skript|befehl|bedeutet|unterschied
comment|fonction|commande|signifie|cómo|función|comando|significa|como (?:faço|posso|fazer)|função
come (?:si|posso|faccio)|funzione|hoe|functie|jak|funkcj\w+|как|функци\w+|команд\w+|означает|nasıl|fonksiyon\w*
"""
ABOUT_CODE_UNSPACED: Final = (
    "怎么|如何|函数|命令|方法|意思|区别|関数|コマンド|するには|意味|違い|함수|명령|어떻게|의미|차이"
)

THING: Final = r"""
function|method|class|code|file|bug|error|test|tests|loop|line|lines|block|component|query|script|module|variable
struct
type|snippet|section|part|page|diff|change|changes|commit|branch|pr|pull request|issue|ticket|warning|crash|failure
repo
repository|project|codebase|code base|folder|directory|document|text|image|screenshot|table|config|implementation
endpoint|view|hook|handler|macro|interface|paragraph|log|stack trace|traceback|selection|constructor|import|todo
comment
widget|screen|app
"""
DO_TO: Final = r"""
fix|refactor|simplify|explain|optimi[sz]e|improve|clean up|rewrite|debug|review|document|rename|test|finish|complete
implement|speed up|shorten|format|summari[sz]e|translate|convert|check|solve|resolve|undo|revert|delete|remove|run
change|describe|extract|inline|move|repair|correct|look at|continue|update|handle|split|make
"""

GOES_ON_SHORT: Final = r"""
^(?:and|but|or|then) (?!what (?:is|are|does))(?:in|with|without|for|if|what|how about|now|then|again)\b
^(?:what|how) about (?!the difference)\S+(?: \S+){0,4}$
^(?:same|the same)(?: thing)? (?:but|for|in|with|as|again|question)\b
\bas (?:before|above|i said)$
^(?:instead|rather|also|more|less|again|another|no|nope|yes|yeah|yep)\b(?: \S+){0,4}$
^(?:try|do|say|explain|show|write|run|tell) (?:it|that|this|me)? ?(?:once )?(?:again|more|another)\b
^(?:now|then|ok now) (?:in|with|without|do|make|for|add|the|as)\b
^(?:go|keep|carry) (?:on|going)\b
^(?:und|aber) (?:jetzt|nun|in|mit|ohne|wenn|für|was ist mit)\b
^et (?:en|avec|sans|si|pour|maintenant)\b
^y (?:en|con|sin|si|para|ahora)\b
^e (?:em|com|sem|se|para|agora|in|con|senza)\b
^а (?:на|в|если|с|без)\b
"""
GOES_ON: Final = r"""
\byour (?:last|previous|first|second|third|earlier|latest|other) (?:answer|reply|response|message|suggestion|version)\b
\b(?:your|the) (?:last|previous|first|second|third|earlier|other) (?:answer|suggestion|solution|option|proposal|idea)\b
\b(?:my|our) (?:last|previous|first|earlier) (?:question|message|prompt|request)\b
\b(?:you|we) (?:just |already )?(?:said|suggested|proposed|mentioned|gave me|wrote|showed me|told me|forgot|decided)\b
\b(?:you|we) (?:just |already )?(?:discussed|talked about|recommended)\b
\bas (?:i|we|you) (?:said|discussed|mentioned|suggested|told)\b
\b(?:our|this) (?:conversation|chat|discussion)\b
\bin the same style as\b.*\b(?:before|your)\b
\b(?:deine|ihre) (?:letzte|vorige|erste|zweite) antwort\b
\bta (?:dernière|première) réponse\b|\btu última respuesta\b|твой последний ответ|你(?:刚才|之前|上面)说|さっき
"""

TIME: Final = r"""
\bwhat(?:'s| is| was)? (?:the )?(?:current |exact |local )?(?:time|date|day|year|month)(?: is it| today| right now)*$
\bwhat(?:'s| is)? (?:the )?(?:current |exact |local )?(?:time|date|day) (?:is it )?(?:now|(?:now )?in .+|of the week)$
\b(?:weather|forecast|news|headlines|traffic)\b.*\b(?:today|now|tomorrow|tonight|weekend|week|outside|latest)\b
^(?:what(?:'s| is| will) )?(?:the )?(?:weather|forecast|news|today's \w+)\b(?: in [\w ]+)?$
\b(?:today|tonight|right now|at the moment|as of (?:now|today)|yesterday|last night|last (?:week|month))\b
\b(?:this (?:morning|afternoon|evening|weekend|week|month|year)|past (?:hour|day|week)|last \d+ (?:hours|minutes))\b
\b(?:minutes|hours) ago\b
\b(?:current|today's|latest|live|real-?time) (?:\w+ )?(?:price|rate|score|stock|news|weather|temperature|population)\b
\b(?:current|today's|latest) (?:\w+ )?(?:president|prime minister|ceo|champion)\b
\b(?:newest|latest|most recent|up-to-date) (?:\w+ ){0,2}(?:version|release|news|model|lts|update)s?\b
^how (?:long|many (?:days|hours|weeks)) (?:(?:is it )?(?:until|till)|are left)\b(?! (?:we|it|they|a|the)\b)
\b(?:heute|gestern|gerade eben|wie spät|wetter|aktuelle[rns]?|zurzeit|derzeit)\b
\b(?:aujourd'hui|hier soir|quelle heure|météo|quel temps|actuellement|en ce moment)\b
\b(?:hoy|ayer|qué hora|el tiempo en|ahora mismo|actualmente|hoje|ontem|que horas|agora mesmo)\b
\b(?:oggi|ieri|che ore|che tempo|vandaag|gisteren|hoe laat|dziś|dzisiaj|wczoraj|która godzina|pogoda)\b
\b(?:bugün|dün|saat kaç|şu an|сегодня|сейчас|вчера|который час|погода)\b
今天|明天|昨天|现在几点|目前|天气|今日|明日|昨日|天気|何時|最新|오늘|내일|어제|지금|날씨|몇 시
الآن|اليوم|غدا|كم الساعة|आज|अभी|कल
"""

CHANCE: Final = r"""
\brandom(?:ly)?\b
\bsurprise (?:me|us)\b|\b(?:flip|toss) a coin\b|\bheads or tails\b|\bpick a (?:winner|number|card|name)\b
\b(?:roll|throw) (?:a|the|two|some|\d+|me)\b.*\b(?:di(?:e|ce)|d\d+)\b|\broll a d\d+
\bdraw (?:lots|a card|cards|a name)\b
^(?:pick|choose|select) (?:one|a|an|any|me|some|for me)(?: |$)
\b(?:another|new|different) (?:joke|riddle|quote|poem|one)\b|\bdifferent (?:each|every) time\b
^(?:generate|make|create|give me|i need)(?: me)?(?: an?| one| \d+)?(?: (?:new|random|v4))* (?:uuid|guid)s?\b
^(?:generate|make|create|give me|i need)(?: me)?(?: an?| \d+)?(?: (?:new|strong|secure))* (?:password|pin)s?$
\bzufällig\w*|\bwürf(?:le|el)\b.*|\bmünze\b
\bau hasard|\baléatoire\w*|\bpile ou face\b|\blance un dé\b
\bal azar\b|\baleatori[oa]s?\b|\bcara o cruz\b|\bcara ou coroa\b|\baleatóri[oa]s?\b
\ba caso\b|\bwillekeurig\w*|\bdobbelsteen\b|\blosow\w+|\brastgele\b|случайн\w+|монетк\w+|кубик
随机|掷|抛硬币|抽一个|ランダム|サイコロ|무작위|아무 |주사위|عشوائي
"""

PRIVATE: Final = r"""
\bmy (?:\w+ )?(?:calendar|inbox|e-?mails?|mails?|appointments?|schedule|agenda|passwords?|account|balance|contacts?)\b
\bmy (?:\w+ )?(?:meetings?|notes|reminders|to-?do list|shopping list|phone number|birthday|address|diary|bank|salary)\b
\bmy (?:\w+ )?(?:login|clipboard|voicemail|messages|photos|flight|booking|orders?|subscription|name|age)\b
\bdo i (?:have|know)\b.*\b(?:meeting|appointment|mail|email|message|free|plans)
^(?:am i free|who am i|where am i|where did i)\b|\b(?:remember|know) about me\b
\bmein(?:e|en|em|er)? (?:kalender|passwort|mails?|termine?|postfach|konto)\b
\b(?:mon|mes) (?:agenda|mot de passe|mails?|messages|rendez-vous|compte)\b
\bmis? (?:agenda|contraseña|correos?|citas?|cuenta|reuniones)\b
\b(?:minha|meus?) (?:senha|agenda|e-?mails?|compromissos)\b
мо(?:й|и|ём|ем) (?:парол\w+|календар\w+|почт\w+|письм\w+)|я(?: завтра)? в календаре
我的(?:密码|日历|邮件|账户|日程)|我明天有|私の(?:パスワード|予定|メール)
"""

MACHINE: Final = r"""
^git (?:status|diff|log|branch|stash list)(?: -+[\w-]+)*$
^(?:ls|pwd|whoami|df|ps|top|env|uname|ifconfig|hostname|date|uptime|docker ps)(?: -+[\w-]+| \.| aux)*$
\b(?:do i have|have i got|is|are)\b.*\binstalled\b
\bwhich (?:version of )?[\w.+# -]+ (?:is|do i have|am i|did i) (?:installed|using|running|active|have|on)\b
\bversion of [\w.+# -]+ (?:do i have|am i|is installed|is running|are we)\b
^(?:why|what(?:'s)?|is|are|how|does|do|check|which|tell me|show)\b.*\bmy (?:laptop|computer|machine|pc|mac|system)\b
^(?:why|what(?:'s)?|is|are|how|does|do|check|which|tell me|show)\b.*\bmy (?:disk|terminal|battery|wifi|gpu|ram)\b
^(?:why|what(?:'s)?|is|are|how|does|do|check|which|tell me|show)\b.*\bmy (?:ip(?: address)?|path|kernel|setup)\b
\b(?:this|the current) (?:machine|computer|laptop|host|box|server|directory|folder|branch)\b
^(?:is|are) (?:docker|port \d+|the (?:server|service|container|database|daemon))\b.*\b(?:running|free|up|down|in use)$
\bauf (?:meinem|diesem) (?:rechner|computer|laptop)|\bmein (?:rechner|laptop|computer)\b|\bmon (?:ordinateur|pc)\b
\bmi (?:ordenador|computadora|pc)\b|мо(?:й|ём|ем) компьютер\w*|我的电脑|私のパソコン|내 컴퓨터
"""

ACTION: Final = r"""
^(?:re-?)?(?:run|execute|start) (?:(?:all|only|just|the|my|our|this|these|every) )*(?:\w+ )?(?:tests?|test suite)\b
^(?:re-?)?(?:run|start|launch) (?:(?:all|the|my|our|this|every) )*(?:\w+ )?(?:build|linter|migrations?|server|app)\b
^(?:re-?)?(?:run|execute|start) (?:(?:all|the|my|our|this) )*(?:script|program|suite|benchmarks?|pipeline|it|job)\b
^(?:run|execute) (?:npm|yarn|pnpm|pip|cargo|make|pytest|go|docker|mvn|gradle|terraform|kubectl|ls|\./\S+|python \S+)\b
^(?:commit|push|deploy|ship|publish|release|stash|rebase|merge|revert|amend|squash|cherry-pick)$
^(?:commit|push|deploy|ship|publish|release|stash|revert|amend) (?:and|it|this|that|these|everything|all|my|now|to)\b
^(?:rebase|merge|push|deploy) (?:onto?|into|main|master|the) ?\b
^(?:install|upgrade|update|uninstall) (?:the |all (?:my |our |the |missing )|missing |it$|my |our |everything)
^(?:delete|remove|rename|move|copy|open|save|read) (?:the|my|all the|this|that) (?:\w+ ){0,2}(?:files?|folder)\b
^(?:delete|remove|open|close) (?:the|my|all the|this|that) (?:\w+ ){0,2}(?:branch|branches|build|pr|pull request)\b
^create (?:an? |the )?(?:new )?(?:file|folder|directory|branch|pr|issue|ticket)(?: (?:called|named|for|from|with)\b|$)
^(?:create|open) (?:an? )?(?:new )?(?:pr|pull request|issue|ticket)\b
^(?:search|browse|google) (?:the )?(?:web|internet)\b
^(?:send|forward) (?:him|her|them|this|that|it|an? (?:e-?mail|mail|message|text)|the (?:\w+ )?(?:mail|message))\b
^reply to (?:him|her|them|this|the)\b|^(?:set|start) (?:an? |the )?(?:alarm|timer|reminder)(?: (?:for|of|at)\b|$)
^remind me\b
^(?:book|buy|order) (?:a |an |me |us |some )\w+|^(?:call|play) (?:some |my |the )?\w+$
^turn (?:on|off|up|down) the (?:lights?|heating|music|tv|volume|lamp|fan)\b|^schedule (?:a|the) (?:meeting|call)\b
^cancel (?:my|the|all(?: the)?) (?:\w+ )?(?:meetings?|appointments?|orders?|bookings?|subscription)\b
^list (?:all |the )*(?:files|folders) (?:in|here|below|under) ?(?:the current|this|my|here)
^(?:führe|starte|lösche|committe|pushe|installiere|öffne|deploye)\b|^(?:exécute|lance|supprime|installe|ouvre)\b
^(?:ejecuta|borra|elimina|instala|abre|corre|haz (?:un )?commit|rode|execute|apague|instale|faça o (?:commit|deploy))\b
^(?:esegui|cancella|installa|apri|uruchom|usuń|zainstaluj|otwórz|запусти|удали|установи|открой|закоммить)\b
^(?:voer|verwijder|installeer|çalıştır|sil|yükle)\b|(?:çalıştır|sil)$|^(?:运行|执行|删除|提交|安装|打开|部署)
(?:실행해|삭제해|설치해)|を(?:実行|削除|コミット|インストール|デプロイ|開い)
"""

# {thing} and {do_to} are the words above.
UNSEEN: Final = r"""
\b(?:this|these) (?:(?!a |an |the )\w+ )?{thing}\b|\b(?:that|those) {thing}$
\bthe (?:selected|highlighted|marked|attached|uploaded) (?:\w+ )?{thing}\b(?!.*\b(?:vim|vs ?code|sublime|emacs)\b)
\b(?:my|the) (?:attachment|screenshot|selection)\b|^{do_to} (?:it|this|that|these|those|them|the above|here)\b
^(?:fix|solve|debug|find) (?:the |my |all (?:the )?)?(?:bugs?|errors?|issues?|problems?|failing tests?)(?: now)?$
^(?:why|how|what|where) (?:is|does|did|do|are|was|were|can|could) (?:this|that|it|these|those)\b(?! in )(?: \S+){0,4}$
^(?:is|are|does|can|should) (?:this|these)\b(?: \S+){0,6}$|^is it (?!\S+ to\b)(?: ?\S+){1,3}$
\bmy code\b
\b(?:in|of|from|throughout|across) (?:our|the|this|my) (?:project|code ?base|code base|repo|repository|app)$
\b(?:our|this) (?:code ?base|code base|repo|repository)\b|\b(?:the current|the open) file\b
^(?:it|he|she|they|still|now it) (?!is (?:true|said|possible))(?:\S+ ?){1,6}$
\bdies(?:e|er|es|en|em) (?:code|funktion|datei|klasse|methode|fehler|test|zeile|skript|projekt)\b
\b(?:markierte[nrs]?|ausgewählte[nrs]?) \w+|\bunser\w* (?:projekt|code|repo)\w*|\bangehängte\w*
\b(?:cette|ce|cet|ces) (?:fonction|code|fichier|classe|méthode|erreur|test|ligne|projet|bug)\b
\bsélectionnée?\b|\bci-joint\b|\bfichier joint\b|\bnotre (?:code|projet)\b
\best(?:a|e|as|os) (?:función|código|archivo|clase|método|error|prueba|línea|proyecto|bug|função|arquivo|erro)\b
\b(?:ese|esse|essa) (?:error|bug|erro|código)\b|\bsele[c]?cionad[oa]s?\b|\badjunt[oa]\b|\banexad[oa]\b
\bquest[ao']? ?(?:funzione|codice|file|classe|errore|test|riga)\b|\bselezionat[oa]\b|\ballegat[oa]\b
\bdeze (?:functie|code|klasse)\b|\bdit bestand\b|\bgeselecteerde\b
\b(?:ta|ten|tę|tej|tego) (?:funkcj\w+|kod\w*|plik\w*|błąd|klas\w+)\b|\bzaznaczon\w+
\bэт(?:а|от|у|ой|ого|и|о) (?:функци\w+|код\w*|файл\w*|класс\w*|ошибк\w+|тест\w*|метод\w*|баг\w*)|выделенн\w+
\bbu (?:fonksiyon|kod|hata|dosya|sınıf)\w*|\bseçili\b
这个(?:函数|文件|类|方法|错误|测试|项目|bug)|这段|选中|这里|附件|当前文件|我们(?:的)?项目
この(?:関数|ファイル|クラス|コード|エラー|バグ|テスト|プロジェクト)|選択した|ここ|添付
이 (?:함수|코드|파일|클래스|오류|버그)|선택한|यह (?:फ़ंक्शन|कोड|गलती)|هذه الدالة|هذا (?:الكود|الخطأ|الملف)
"""

# Whole messages.
ONLY_GOES_ON: Final = """
continue|go on|carry on|keep going|more|again|once more|try again|yes|no|yep|yeah|nope|ok|okay|sure|next|and|and then
then
why|why not|how|how so|what|what else|what now|what next|really|are you sure|same|same again|same here|likewise|do it
do it again|go ahead|repeat|undo|redo|shorter|longer|simpler|another|another one|another example|example|explain
elaborate
thanks|thank you|great|good|cool|nice|hm|hmm|hello|hi|hey|stop|wait|the first|the second|the other one|the first one
the second one|both|all of them|none|a|b|1|2
weiter|mach weiter|nochmal|noch einmal|ja|nein|kürzer|danke|und dann|warum|genauer|hallo
suite|la suite|encore|oui|non|plus court|merci|pourquoi|bonjour
sigue|continúa|otra vez|sí|si|más|más corto|gracias|por qué|hola|de nuevo
continua|continue de onde parou|de novo|sim|não|mais|obrigado|oi|ancora|avanti|grazie|ciao
ga verder|verder|nog een keer|dalej|jeszcze raz|kontynuuj|tak|nie
продолжай|дальше|ещё|еще|ещё раз|да|нет|короче|почему|спасибо|привет|продовжуй|далі|devam|devam et|tekrar|evet
继续|繼續|再来|再来一次|再试一次|是|是的|不|好|好的|谢谢|你好|为什么|短一点|続けて|続き|もう一度|はい|いいえ|なぜ
もっと短く
계속|계속해|다시|네|아니요|더|왜|أكمل|نعم|لا|जारी रखो|आगे बढ़ो|हाँ|tiếp tục
"""
ONLY_UNSEEN: Final = """
this|that|it|here|these|those|help|help me|fix|fix it|fix this|fix that|error|bug|broken|still broken|it fails
doesn't work
does not work|not working|what is this|what's this|what does this do|what's wrong|what is wrong|what happened|where
who
test|todo|this one|refactor|simplify|optimize|optimise|improve|debug|review|summarize|summarise|tl;dr|tldr|translate
das|hier|hilfe|geht nicht|geht immer noch nicht|was ist das|ça ne marche pas|aide-moi|ici|esto|aquí|ayuda|no funciona
não funciona|isso|non funziona|questo|werkt niet|het werkt niet|nie działa|это|здесь|не работает|помоги|не працює
çalışmıyor
这个|不行|为什么不行|还是报错|帮帮我|これ|動かない|直して|안 돼|왜 안 돼|도와줘|لا يعمل
"""
