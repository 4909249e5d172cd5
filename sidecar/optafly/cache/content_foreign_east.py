"""Russian, Polish, Chinese and Japanese words that decide what is asked; see `content_foreign_germanic`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_RUSSIAN: Final = """
stop: и а но или я мне меня мой моя мои моего мы нам нас наш ты тебе вы вам он она оно они его её их это этот эта эти
этого этой тот та те такое такой как что чем чём чего кто где когда почему зачем какой какая какие какое каким ли же
бы быть есть был была было будет можно нужно надо должен могу можешь хочу хотел в во на по к ко с со у о об от из за
для до при пожалуйста спасибо привет здравствуйте помоги подскажи скажи объясни объяснить покажи значит означает
разница отличие отличается отличаются между пример использовать используя использую нужен сделать делать делает сделай
так ещё еще уже тоже также просто если то там тут здесь вот чтобы способ образом себя свой остановить останови | not:
не нет ни ничего никогда нельзя | without: без | except: кроме исключая | only: только лишь один единственный |
instead: вместо | all: все всех весь вся всё всю всем целый | each: каждый каждая каждое каждую каждого каждые | any:
любой любая любое любую | several: несколько нескольких | both: оба обе обоих | first: первый первая первое первую
первого первые | second: второй вторая второе вторую секунда секунды секунд сек | last: последний последняя последнее
последнюю последние последних | next: следующий следующая | previous: предыдущий предыдущая | newest: новейший свежий
| today: сегодня | yesterday: вчера | tomorrow: завтра | daily: ежедневно ежедневный | weekly: еженедельно | always:
всегда | two: два две двух | three: три трёх трех | four: четыре | five: пять | six: шесть | seven: семь | eight:
восемь | nine: девять | ten: десять | twelve: двенадцать | twenty: двадцать | hundred: сто | thousand: тысяча тысяч
тысячи | half: половина полчаса | minute: минута минуты минут мин | hour: час часа часов | day: день дня дней | week:
неделя недели недель | month: месяц месяца месяцев | year: год года лет | before: перед раньше | after: после |
against: против | remove: удалить удали удаляет убрать убери стереть | add: добавить добавь | create: создать создай |
write: написать напиши писать запиши записать | read: прочитать читать прочти | change: изменить измени поменять |
replace: заменить замени | rename: переименовать переименуй | convert: преобразовать конвертировать перевести-в
преобразуй | sort: отсортировать сортировать отсортируй | find: найти найди искать | count: посчитать подсчитать
количество число сколько | compare: сравнить сравни | check: проверить проверь | fix: исправить исправь починить |
start: запустить запусти начать | restart: перезапустить перезапусти | run: выполнить выполни выполнять выполняться |
install: установить установи | update: обновить обнови | open: открыть открой | close: закрыть закрой | save:
сохранить сохрани | load: загрузить загрузи | copy: скопировать скопируй копировать | move: переместить перемести |
split: разделить раздели | merge: объединить объедини слить | enable: включить включи | disable: отключить отключи
выключить | allow: разрешить | forbid: запретить | show: показать вывести выведи | translate: перевести переведи |
file: файл файла файлы файлов файле | directory: папка папку папки каталог каталога | row: строка строки строку строк
| column: столбец столбца столбцы колонка | table: таблица таблицу таблицы | list: список списка | value: значение
значения | function: функция функцию функции | class: класс класса | error: ошибка ошибку ошибки | user: пользователь
пользователя | password: пароль пароля | key: ключ ключа | dictionary: словарь словаря словари | order: порядок
порядке порядку | name: имя имени | empty: пустой пустая пустые | new: новый новая новое | local: локальный локальная
локально | remote: удалённый | ascending: возрастанию возрастающий | descending: убыванию убывающий | left: слева
левый | right: справа правый | maximum: максимум максимальный наибольший | minimum: минимум минимальный наименьший |
process: процесс процесса процессом | thread: поток потока потоком | english: английский английском | russian: русский
русском
"""
_POLISH: Final = """
stop: i a ale lub albo ja mi mnie mój moja moje my nam nas ty ci wy on ona ono oni się to ten ta te tego tej jak co
czym kto gdzie kiedy dlaczego czemu jaki jaka jakie który która które czy jest są być był była można trzeba muszę mogę
może chcę chciałbym w we na po do z ze u o od za dla przy przez proszę dzięki dziękuję cześć hej wyjaśnij wytłumacz
pokaż powiedz znaczy oznacza różnica różnią między przykład użyć używać używa zrobić robić tak też jeszcze już żeby
jeśli sposób jakich sytuacjach stosuje zatrzymać zatrzymaj | not: nie nic nigdy żaden żadna | without: bez | except:
oprócz poza | only: tylko jedynie | instead: zamiast | all: wszystkie wszystkich wszystko cały cała | each: każdy
każda każde każdego | any: dowolny jakikolwiek | several: kilka | first: pierwszy pierwsza pierwsze pierwszą | second:
drugi druga drugie sekunda sekundy sekund | last: ostatni ostatnia ostatnie ostatnią | next: następny | previous:
poprzedni | today: dzisiaj dziś | yesterday: wczoraj | tomorrow: jutro | always: zawsze | two: dwa dwie | three: trzy
| four: cztery | five: pięć | ten: dziesięć | half: pół | minute: minuta minuty minut | hour: godzina godziny godzin |
day: dzień dni | week: tydzień tygodni | month: miesiąc miesięcy | year: rok lat | before: przed | after: po-tym |
against: przeciw | remove: usunąć usuń skasować | add: dodać dodaj | create: utworzyć utwórz stworzyć stwórz | write:
napisać napisz | read: czytać przeczytać odczytać wczytać | change: zmienić zmień | replace: zastąpić zamienić zamień
zastąp | convert: przekonwertować konwertować przekształcić | sort: posortować sortować posortuj | find: znaleźć
znajdź szukać | count: policzyć liczyć liczba | check: sprawdzić sprawdź | fix: naprawić napraw poprawić popraw |
start: uruchomić uruchom | file: plik pliki pliku plików | directory: katalog folder | row: wiersz wiersze linia |
column: kolumna kolumny | list: lista listy listę | function: funkcja funkcję | error: błąd błędu | empty: pusty pusta
| new: nowy nowa | ascending: rosnąco | descending: malejąco | horizontal: poziomie poziom | vertical: pionie pion |
english: angielski angielsku | polish: polski polsku
"""
_CHINESE: Final = """
stop: 的 了 吗 呢 吧 啊 呀 请 帮 我 我们 你 您 他 她 它 是 在 有 和 与 及 或 或者 把 被 让 给 从 到 向 对 用 以 就 也
还 都 很 那 这 这个 那个 如何 怎么 怎样 怎么样 什么 什么是 哪个 哪些 哪 为什么 为何 解释 说明 解释一下 说明一下 请问
请解释 请说明 谢谢 你好 一下 可以 能 能否 能不能 需要 想 要 之间 区别 有什么 不同 差异 差别 例子 举例 意思 含义 方法
办法 方式 个 来 去 时 时候 里 中 上 下 地 得 着 过 才 使用 利用 进行 实现 将 而 并 并且 嗎 查看 看 知道 告诉 停止 停 |
not: 不 没 没有 不要 别 无法 不能 非 未 不会 | without: 无 无需 不用 不带 | only: 只 仅 只有 仅仅 只能 单独 | except:
除了 除 除外 | all: 所有 全部 全 一切 整个 | each: 每 每个 每次 每一个 | any: 任何 任意 | several: 多个 几个 若干 |
first: 第一 第一个 首个 首 | second: 第二 第二个 秒 | last: 最后 最后一个 末尾 | previous: 上一个 前一个 之前 | next:
下一个 | newest: 最新 最近 | oldest: 最旧 最早 | today: 今天 | yesterday: 昨天 | tomorrow: 明天 | daily: 每天 每日 |
weekly: 每周 | monthly: 每月 | always: 总是 一直 | two: 二 两 两个 | three: 三 三个 | four: 四 | five: 五 | six: 六 |
seven: 七 | eight: 八 | nine: 九 | ten: 十 | hundred: 百 | half: 半 | minute: 分钟 | hour: 小时 | day: 天 | week: 周 |
month: 个月 | before: 前 以前 | after: 后 之后 以后 | instead: 而不是 代替 | remove: 删除 移除 去掉 去除 清除 删 |
add: 添加 增加 加上 新增 | create: 创建 建立 新建 生成 | write: 写 编写 写一个 | read: 读 读取 只读-取 | change: 修改
更改 改 | replace: 替换 换成 | rename: 重命名 | convert: 转换 转 转成 转换成 转换为 转为 | sort: 排序 排列 | filter:
过滤 筛选 | find: 查找 找 找到 搜索 | count: 统计 计数 数量 个数 | compare: 比较 对比 | check: 检查 检测 判断 验证 |
fix: 修复 解决 修正 | start: 启动 开始 | restart: 重启 | run: 运行 执行 | install: 安装 | uninstall: 卸载 | update:
更新 | upgrade: 升级 | downgrade: 降级 | open: 打开 | close: 关闭 | save: 保存 存储 | load: 加载 | copy: 复制 拷贝 |
move: 移动 | split: 分割 拆分 | merge: 合并 | enable: 启用 开启 | disable: 禁用 | allow: 允许 | forbid: 禁止 阻止 |
show: 显示 输出 打印 | list: 列出 列表 | test: 测试 | optimize: 优化 | mount: 挂载 | import: 导入 | export: 导出 |
upload: 上传 | download: 下载 | encrypt: 加密 | decrypt: 解密 | encode: 编码 | decode: 解码 | push: 推送 | pull: 拉取
| file: 文件 | directory: 目录 文件夹 | row: 行 | column: 列 | table: 表 | string: 字符串 | number: 数字 数 | value:
值 | variable: 变量 | function: 函数 | class: 类 | error: 错误 报错 | user: 用户 | password: 密码 | database: 数据库 |
key: 键 | order: 顺序 | name: 名称 名字 | branch: 分支 | container: 容器 | image: 镜像 | array: 数组 | linked_list:
链表 | stack: 栈 | queue: 队列 | process: 进程 | thread: 线程 | port: 端口 | index: 索引 | local: 本地 | remote: 远程
| empty: 空 | new: 新 | old: 旧 | ascending: 升序 从小到大 | descending: 降序 从大到小 | maximum: 最大 最多 | minimum:
最小 最少 | synchronous: 同步 | asynchronous: 异步 | public: 公有 公开 | private: 私有 | left: 左 左边 | right: 右
右边 | up: 上面 | down: 下面 | automatic: 自动 | manual: 手动 | recursive: 递归 | read_only: 只读 | english: 英文 英语
| chinese: 中文
"""
_JAPANESE: Final = """
stop: の を に は が と で へ も や か ね よ な だ です ます する して した しました ください 下さい お願い
お願いします 教えて 教えてください 説明 説明して 説明してください どう どうやって どのように なぜ どうして 何 なに
何ですか とは いつ どこ どの どれ どちら 誰 これ この それ その ここ ある いる です方法 方法 やり方 違い 差 違いは
意味 例 使う 使って 使い 場合 とき 時 ため もの こと たい したい できる できます れる られる には よう ように という
なる なり でしょう ありがとう こんにちは いますか ますか ですか 停止 止める | not: ない なく なし ません ず しない ぬ
| without: なしで 無し ずに | only: だけ のみ しか | except: 以外 除いて 除く | all: すべて 全て 全部 全 すべての
全ての | each: 各 毎 ごと | any: 任意 | several: 複数 | first: 最初 先頭 第一 一番目 | second: 二番目 秒 | last: 最後
末尾 | next: 次 | previous: 前の | newest: 最新 | today: 今日 | yesterday: 昨日 | tomorrow: 明日 | daily: 毎日 |
weekly: 毎週 | always: 常に いつも | two: 二つ 二 | three: 三つ 三 | half: 半分 半 | minute: 分 | hour: 時間 | day: 日
| week: 週 週間 | before: 前 前に | after: 後 後に あと | from: から | to: まで | instead: 代わり 代わりに | remove:
削除 消す 取り除く 除去 | add: 追加 加える | create: 作成 作る 生成 作って | write: 書く 書いて 書き | read: 読む
読み込む 読み込み 読んで | change: 変更 変える | replace: 置換 置き換え 置き換える | convert: 変換 直す | sort:
並べ替え 並べる ソート | find: 検索 探す 見つける 調べる 確認 | count: 数える 数 | compare: 比較 | fix: 修正 直して |
start: 開始 起動 | restart: 再起動 | run: 実行 | install: インストール | update: 更新 | open: 開く | close: 閉じる |
save: 保存 | copy: コピー | move: 移動 | split: 分割 | merge: 結合 マージ | enable: 有効 有効化 | disable: 無効 無効化
| allow: 許可 | forbid: 禁止 | show: 表示 出力 | list: 一覧 リスト | test: テスト | file: ファイル | directory:
ディレクトリ フォルダ フォルダー | row: 行 | column: 列 | table: 表 テーブル | string: 文字列 | number: 数値 数字 |
value: 値 | variable: 変数 | function: 関数 | class: クラス | error: エラー | user: ユーザー ユーザ | password:
パスワード | database: データベース | key: キー | order: 順序 順 | array: 配列 | linked_list: 連結リスト | container:
コンテナ | branch: ブランチ | local: ローカル | remote: リモート | empty: 空 | new: 新しい 新規 | old: 古い |
ascending: 昇順 | descending: 降順 | reverse: 逆順 逆 | maximum: 最大 | minimum: 最小 | synchronous: 同期 |
asynchronous: 非同期 | left: 左 | right: 右 | automatic: 自動 | recursive: 再帰 | english: 英語 | japanese: 日本語
"""

WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "ru": _RUSSIAN,
    "pl": _POLISH,
    "zh": _CHINESE,
    "ja": _JAPANESE,
})  # fmt: skip
