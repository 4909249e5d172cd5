"""Definitions found in each language, with the lines and the names that people mean."""

from textwrap import dedent

import pytest

from optafly.context.document import Document
from optafly.context.languages import LANGUAGES, fence_of, language_of
from optafly.context.symbols import Outline, Parsed, Symbol


def outline(path: str, text: str) -> Outline:
    return Parsed(Document(path, dedent(text).lstrip("\n"))).outline


def found(path: str, text: str) -> list[str]:
    """Each definition as ``first-last kind qualified.name``."""
    return [f"{item.start_line}-{item.end_line} {item.kind} {item.qualified}" for item in outline(path, text).symbols]


def signatures(path: str, text: str) -> list[str]:
    return [item.signature for item in outline(path, text).symbols]


# --- each language -------------------------------------------------------------------------------------------------

PYTHON = '''
    @cache
    @other(1)
    def top(a, b=2):
        def inner():
            return 1
        return inner

    class Shop(Base):
        """Sells."""

        limit = 3

        @property
        def total(self) -> int:
            return 1

        async def save(
            self,
            force: bool = False,
        ) -> None: ...

        class Meta:
            pass

    if True:
        def conditional(): pass
    '''


def test_python() -> None:
    assert found("a.py", PYTHON) == [
        "1-6 function top",
        "4-5 function top.inner",
        "8-23 class Shop",
        "13-15 method Shop.total",
        "17-20 method Shop.save",
        "22-23 class Shop.Meta",
        "26-26 function conditional",
    ]
    assert signatures("a.py", PYTHON)[:5] == [
        "def top(a, b=2)",
        "def inner()",
        "class Shop(Base)",
        "def total(self) -> int",
        "async def save( self, force: bool = False, ) -> None",
    ]


JAVASCRIPT = """
    import { x } from './x';
    export default function main(a) { return a; }
    export const add = (a, b) => a + b;
    const plain = 3, twice = function (x) { return 2 * x; },
      thrice = (x) => 3 * x;
    function* numbers() {}
    class Cart extends Base {
      total = 0;
      #secret() { return 1; }
      onClick = () => { this.total++; };
      static make() { return new Cart(); }
      get size() { return 1; }
    }
    exports.named = function () {};
    Cart.prototype.late = async () => {};
    module.exports = {
      helper() { return 1; },
      arrow: () => 2,
      count: 3,
    };
    """


def test_javascript() -> None:
    assert found("a.js", JAVASCRIPT) == [
        "2-2 function main",
        "3-3 function add",
        "4-4 function twice",
        "5-5 function thrice",
        "6-6 function numbers",
        "7-13 class Cart",
        "9-9 method Cart.#secret",
        "10-10 method Cart.onClick",
        "11-11 method Cart.make",
        "12-12 method Cart.size",
        "14-14 function named",
        "15-15 function late",
        "17-17 method helper",
        "18-18 method arrow",
    ]
    assert signatures("a.js", JAVASCRIPT)[:4] == [
        "function main(a)", "add = (a, b)", "twice = function (x)", "thrice = (x)",
    ]  # fmt: skip


def test_javascript_tests_are_named_by_what_they_say() -> None:
    text = """
        describe('cart', () => {
          beforeEach(() => {});
          it('adds up', () => {
            expect(total('x')).toBe(1);
          });
          test.only(`subtracts`, async () => {});
          it.each([1, 2])('takes %s', (x) => {});
          pattern.test('not a test');
          test(name, () => {});
        });
        """
    assert found("cart.test.js", text) == [
        "1-10 test cart",
        "3-5 test adds up",
        "6-6 test subtracts",
        "7-7 test takes %s",
    ]


TYPESCRIPT = """
    export interface Item { price: number; total(): number }
    export type Id = string | number;
    export enum Color { Red }
    export abstract class Cart<T> {
      private items: T[] = [];
      constructor(private readonly rate: number) {}
      protected async load<K extends keyof T>(key: K): Promise<T[K]> { return this.items[key]; }
      onEvent = async (e: Event): Promise<void> => {};
    }
    export function price(a: string): string;
    export function price(a: number): number;
    export function price(a: any): any { return a; }
    namespace Tax { export function rate() {} }
    export const useCart = <T,>(x: T): T => x;
    """


def test_typescript() -> None:
    assert found("a.ts", TYPESCRIPT) == [
        "1-1 interface Item",
        "2-2 type Id",
        "3-3 enum Color",
        "4-9 class Cart",
        "6-6 method Cart.constructor",
        "7-7 method Cart.load",
        "8-8 method Cart.onEvent",
        "12-12 function price",
        "13-13 function rate",
        "14-14 function useCart",
    ]
    assert signatures("a.ts", TYPESCRIPT)[1] == "type Id = string | number"
    assert signatures("a.ts", TYPESCRIPT)[5] == "protected async load<K extends keyof T>(key: K): Promise<T[K]>"


def test_functions_that_are_only_declared_are_found_once() -> None:
    assert found("a.d.ts", "declare function f(a: string): void;\ndeclare function f(a: number): void;\n") == [
        "2-2 function f"
    ]


def test_tsx() -> None:
    text = """
        export const Button: React.FC<Props> = ({ label }) => {
          const onClick = () => alert(label);
          return <button onClick={onClick}>{label}</button>;
        };
        export default function App() { return <Button label="x" />; }
        """
    assert found("a.tsx", text) == ["1-4 function Button", "2-2 function Button.onClick", "5-5 function App"]


RUST = """
    #[derive(Debug)]
    pub struct Ledger { entries: Vec<Entry> }
    enum Kind { A, B }
    pub trait Store { fn get(&self) -> u32; fn put(&mut self, x: u32) {} }
    impl Ledger {
        pub fn new() -> Self { todo!() }
        /// Settles.
        #[inline]
        #[must_use]
        pub fn settle<T: Into<u64>>(&mut self, amount: T) -> Result<(), Error>
        where
            T: Copy,
        {
            Ok(())
        }
    }
    impl<T> Store for Wrapper<T> { fn get(&self) -> u32 { 1 } }
    macro_rules! entry { () => {} }
    type Alias = u32;
    #[cfg(test)]
    mod tests {
        #[test]
        fn settles() {}
    }
    """


def test_rust() -> None:
    assert found("a.rs", RUST) == [
        "1-2 struct Ledger",
        "3-3 enum Kind",
        "4-4 trait Store",
        "4-4 function Store.get",
        "4-4 function Store.put",
        "5-16 impl Ledger",
        "6-6 function Ledger.new",
        "8-15 function Ledger.settle",
        "17-17 impl Wrapper",
        "17-17 function Wrapper.get",
        "18-18 macro entry",
        "19-19 type Alias",
        "20-24 module tests",
        "22-23 function tests.settles",
    ]
    assert signatures("a.rs", RUST)[3] == "fn get(&self) -> u32"
    assert signatures("a.rs", RUST)[7] == (
        "pub fn settle<T: Into<u64>>(&mut self, amount: T) -> Result<(), Error> where T: Copy,"
    )


GO = """
    package shop

    type Cart struct {
        items []int
    }

    type (
        // Reader reads.
        Reader interface {
            Read() int
        }
        Id = string
    )

    func (c *Cart) Total(tax float64) (int, error) {
        return 0, nil
    }

    func (w Wrapper[T]) Get() T { return w.x }

    func New[T any](x T) *Cart { return nil }
    """


def test_go() -> None:
    assert found("a.go", GO) == [
        "3-5 type Cart",
        "9-11 type Reader",
        "12-12 type Id",
        "15-17 method Cart.Total",
        "19-19 method Wrapper.Get",
        "21-21 function New",
    ]
    assert signatures("a.go", GO)[0] == "type Cart struct"
    assert signatures("a.go", GO)[3] == "func (c *Cart) Total(tax float64) (int, error)"


C = """
    #define SQUARE(x) ((x) * (x))
    typedef struct Ring { int a; } Ring;
    typedef struct { int b; } Plain;
    struct node { struct node *next; };
    enum color { RED };
    struct node *unused;
    typedef int (*compare)(const void *, const void *);
    static int *find(const char *name, int n)
    {
        return 0;
    }
    int declared(int x);
    void (*handler(int x))(int) { return 0; }
    """


def test_c() -> None:
    assert found("a.c", C) == [
        "1-1 macro SQUARE",
        "2-2 type Ring",
        "3-3 type Plain",
        "4-4 struct node",
        "5-5 enum color",
        "7-7 type compare",
        "8-11 function find",
        "13-13 function handler",
    ]
    assert signatures("a.c", C)[6] == "static int *find(const char *name, int n)"


CPP = """
    namespace shop {
    template <typename T, size_t N>
    class Ring : public Base<T> {
    public:
        Ring() : a(1) {}
        T pop() noexcept;
        bool operator<(const Ring& o) const { return true; }
        static Ring& instance() { return *x; }
        template <class U>
        void push(U&& u) {}
    };
    template <typename T, size_t N>
    T Ring<T, N>::pop() noexcept
    {
        return T();
    }
    template <typename T, size_t N>
    Ring<T, N>::~Ring() {}
    }
    int shop::deep::free_one(int x) { return x; }
    std::vector<int> shop::Other<std::pair<int, int>>::all() { return {}; }
    bool shop::Version::operator<=>(const Version& o) const { return true; }
    enum class Kind { A };
    """


def test_cpp() -> None:
    assert found("a.cpp", CPP) == [
        "1-19 namespace shop",
        "2-11 class shop.Ring",
        "5-5 function Ring.Ring",
        "7-7 function Ring.operator<",
        "8-8 function Ring.instance",
        "9-10 function Ring.push",
        "12-16 function Ring.pop",
        "17-18 function Ring.~Ring",
        "20-20 function deep.free_one",
        "21-21 function Other.all",
        "22-22 function Version.operator<=>",
        "23-23 enum Kind",
    ]


def test_a_header_of_cpp_is_read_as_cpp_and_one_of_c_as_c() -> None:
    assert found("ring.h", "class Ring\n{\npublic:\n    int size() const { return 1; }\n};\n") == [
        "1-5 class Ring", "4-4 function Ring.size",
    ]  # fmt: skip
    assert found("ring.h", "struct class { int new; };\nint size(struct class *namespace);\n") == ["1-1 struct class"]


JAVA = """
    package a;
    @Service
    public class Shop<T> extends Base implements Runnable {
        private int limit = 3;
        public Shop(int x) { this.limit = x; }
        @Override
        public void run() {}
        public <R> R map(Function<T, R> f) throws IOException { return null; }
        public record Point(int x, int y) {
            double length() { return 0; }
        }
        enum Kind { A, B }
        interface Visitor { void visit(int x); default int two() { return 2; } }
        @interface Mark { String value(); }
    }
    """


def test_java() -> None:
    assert found("Shop.java", JAVA) == [
        "2-15 class Shop",
        "5-5 constructor Shop.Shop",
        "6-7 method Shop.run",
        "8-8 method Shop.map",
        "9-11 record Shop.Point",
        "10-10 method Point.length",
        "12-12 enum Shop.Kind",
        "13-13 interface Shop.Visitor",
        "13-13 method Visitor.visit",
        "13-13 method Visitor.two",
        "14-14 annotation Shop.Mark",
    ]
    assert signatures("Shop.java", JAVA)[3] == "public <R> R map(Function<T, R> f) throws IOException"


SAMPLES = {
    ".py": PYTHON, ".js": JAVASCRIPT, ".ts": TYPESCRIPT, ".tsx": "const A = () => <b/>;\n", ".rs": RUST, ".go": GO,
    ".c": C, ".cpp": CPP, ".java": JAVA,
}  # fmt: skip


@pytest.mark.parametrize("suffix", [suffix for language in LANGUAGES for suffix in language.suffixes])
def test_every_ending_of_every_language_is_read(suffix: str) -> None:
    language = language_of(f"x{suffix}")
    assert language is not None
    sample = SAMPLES[next(ending for ending in language.suffixes if ending in SAMPLES)]
    assert found(f"dir.d/x{suffix.upper()}", sample)
    assert fence_of(f"x{suffix}") == language.fence


@pytest.mark.parametrize("path", ["Makefile", "notes.txt", ".py", "dir/.js", "a.py/readme", ""])
def test_files_without_a_grammar_define_nothing(path: str) -> None:
    parsed = Parsed(Document(path, "def f(): pass\n"))
    assert parsed.outline.symbols == ()
    assert parsed.identifiers(1, 1) == []


# --- asking an outline ---------------------------------------------------------------------------------------------


def name(symbol: Symbol | None) -> str:
    return symbol.qualified if symbol is not None else ""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((5, 5), "top.inner"), ((4, 6), "top"), ((1, 1), "top"), ((7, 7), ""), ((11, 11), "Shop"),
     ((14, 15), "Shop.total"), ((14, 18), "Shop"), ((6, 9), ""), ((99, 99), "")],
)  # fmt: skip
def test_the_smallest_definition_around_the_lines(lines: tuple[int, int], expected: str) -> None:
    assert name(outline("a.py", PYTHON).enclosing(*lines)) == expected


def test_the_one_definition_inside_the_lines() -> None:
    text = "# first\ndef a():\n    def b(): pass\n\n\ndef c(): pass\n"
    assert name(outline("a.py", text).only_inside(1, 4)) == "a"
    assert name(outline("a.py", text).only_inside(4, 6)) == "c"
    assert name(outline("a.py", text).only_inside(1, 6)) == ""
    assert name(outline("a.py", text).only_inside(4, 5)) == ""


@pytest.mark.parametrize(
    ("path", "text", "asked", "lines"),
    [
        ("a.py", PYTHON, "total", [13]),
        ("a.py", PYTHON, "Shop.total", [13]),
        ("a.py", PYTHON, "shop.models.Shop.total", [13]),
        ("a.py", PYTHON, "Cart.total", []),
        ("a.py", PYTHON, "Total", []),
        ("a.rs", RUST, "Ledger::settle", [8]),
        ("a.rs", RUST, "Wrapper::get", [17]),
        ("a.rs", RUST, "get", [4, 17]),
        ("a.go", GO, "Cart.Total", [15]),
        ("a.cpp", CPP, "Ring::pop", [12]),
        ("a.cpp", CPP, "shop::Ring::pop", [12]),
        ("a.cpp", CPP, "deep::free_one", [20]),
        ("Shop.java", JAVA, "Shop#run", [6]),
        ("a.js", JAVASCRIPT, "Cart.make", [11]),
    ],
)
def test_definitions_are_named_as_each_language_writes_them(path: str, text: str, asked: str, lines: list[int]) -> None:
    assert [item.start_line for item in outline(path, text).named(asked)] == lines


def test_a_test_is_found_by_all_that_it_says() -> None:
    text = "it('handles a.b and C::d', () => {});\n"
    assert [item.name for item in outline("a.js", text).named("handles a.b and C::d")] == ["handles a.b and C::d"]


# --- files as they are ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "def good():\n    pass\n\ndef broken(:\n    retur\n\ndef after():\n    pass\n", {"good", "after"}),
        ("a.ts", "function good() { return 1; }\nconst x = = 3;\nfunction after() { return 2; }\n", {"good", "after"}),
        ("a.rs", "fn good() {}\nfn broken( { let\nfn after() {}\n", {"good"}),
        ("a.go", "package a\nfunc good() {}\nfunc broken( {\n}\nfunc after() {}\n", {"good"}),
        ("a.c", "int good(void) { return 1; }\nint broken(int { ;\n", {"good"}),
        ("A.java", "class Good { void m() {} void broken( { }\n void after() {} }\n", {"m"}),
    ],
)
def test_what_is_whole_is_found_in_files_with_errors(path: str, text: str, expected: set[str]) -> None:
    assert expected <= {item.name for item in outline(path, text).symbols}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_the_editor_whatever_ends_them(end: str) -> None:
    text = end.join(["# one", "def f():", "    pass", "", "def g():", "    pass", ""])
    assert [(item.start_line, item.end_line) for item in Parsed(Document("a.py", text)).outline.symbols] == [
        (2, 3),
        (5, 6),
    ]


def test_names_in_any_script_are_found() -> None:
    assert found("a.py", "def größe():\n    '''漢字 😀'''\n\nclass Café: pass\n") == [
        "1-2 function größe",
        "4-4 class Café",
    ]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "\x00", "\ud800", "(" * 500])
def test_a_file_of_nothing_defines_nothing(text: str) -> None:
    assert Parsed(Document("a.py", text)).outline.symbols == ()


def test_a_long_signature_is_cut() -> None:
    text = f"def f({', '.join(f'argument_{number}' for number in range(99))}): pass\n"
    assert len(signatures("a.py", text)[0]) == 200


def test_identifiers_between_lines_come_once_in_order() -> None:
    text = "import os\ndef f(path):\n    # comment about ghost\n    return os.join(path, 'text', Base.x, path)\n"
    parsed = Parsed(Document("a.py", text))
    assert parsed.identifiers(3, 4) == ["os", "join", "path", "Base", "x"]
    assert parsed.identifiers(9, 9) == []


def test_identifiers_of_types_and_fields_count() -> None:
    parsed = Parsed(Document("a.ts", "const x: Invoice = order.total;\n"))
    assert parsed.identifiers(1, 1) == ["x", "Invoice", "order", "total"]
