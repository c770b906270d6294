import ForerunCore
import Testing

@testable import ForerunSimulation

struct ReplayBookTests {
    private let book = ReplayBook(
        stated: ["EditActionArguments": "read", "Search": "read", "Finish": "control", "cancel_order": "write"],
        assumesContained: false)

    @Test(arguments: [
        ("ls -la && cat a.txt | head -5", Effect.readOnly), ("cd src && grep -rn x . | sort | uniq -c", .readOnly),
        ("sed -n 1,20p a.swift", .readOnly), ("git status", .readOnly), ("sed -i s/a/b/ a.swift", .contained),
        ("echo hi > a.txt", .contained), ("rm a.txt", .contained), ("python3 test.py", .external),
        ("cat a.txt && make", .external), ("cat $(find . -name x)", .external), ("find . -name x -delete", .external),
        ("python3 x.py > out.txt", .external), ("", .external), ("echo x > /dev/null", .readOnly),
        ("echo x > /dev/tcp/example.org/80", .external), ("find . -name x -fls out", .external),
        ("tree -L 2 src", .readOnly), ("tree -o out src", .external), ("fd -e py foo", .readOnly),
        ("fd foo -x rm", .external), ("xxd a.bin", .readOnly), ("xxd -r a.hex a.bin", .external),
        ("timeout 5 cat a.txt", .readOnly), ("timeout 5 python3 a.py", .external),
    ])
    func shellCommandsAreJudgedByWhatTheyDo(text: String, effect: Effect) {
        #expect(book.judge(Call("bash", ["command": .string(text)])).effect == effect)
    }

    @Test(arguments: [
        ("awk '{print $1}' a", Effect.readOnly), ("awk -F '|' -v n=3 '$2 >= n || $1 {print $1}' a", .readOnly),
        ("awk -F'|' '{print $1}' a", .readOnly), ("awk 'NR>3' a", .readOnly), ("awk '$1 > 3 {print}' a", .readOnly),
        ("awk '{print $1 > \"out\"}' a", .external), ("awk '{print >> $2}' a", .external),
        ("awk '{print | \"sh\"}' a", .external), ("awk '{\"date\" | getline x}' a", .external),
        ("awk '{ system (\"rm \" $1) }' a", .external), ("awk -f script a", .external),
        ("gawk -i inplace '{print}' a", .external), ("sudo awk '{print > \"out\"}' a", .external),
        ("sort -u a | uniq", .readOnly), ("sort -to -k2,2n a", .readOnly), ("sort -o a a", .external),
        ("sort -uo a a", .external), ("sort --outp=a a", .external), ("sort --compress-program=x a", .external),
        ("/usr/bin/sort -no b a", .external), ("uniq -c a", .readOnly), ("uniq -f 1 a", .readOnly),
        ("uniq a b", .external), ("uniq - b", .external), ("date", .readOnly), ("date -u +%s", .readOnly),
        ("date -d yesterday", .readOnly), ("date -s 12:00", .external), ("date -us 12:00", .external),
        ("date --set=12:00", .external), ("date 01011200", .external), ("file a", .readOnly),
        ("file -C -m a", .external),
    ])
    func filtersThatWriteAreNoReads(text: String, effect: Effect) {
        #expect(book.judge(Call("bash", ["command": .string(text)])).effect == effect)
    }

    @Test(arguments: [
        ("sed -n '1,20p;30q' a", Effect.readOnly), ("sed 's/w e/w/g; y/ab/we/' a", .readOnly),
        ("sed -e '/^#/d' -e 's|a|b|2' a", .readOnly), ("sed -nE '/x/I,+3{=;p}' a", .readOnly),
        ("sed ':a;N;$!ba;s/[^],]*/x/' a", .readOnly), ("sed -n '/w file/p' a", .readOnly),
        ("sed 's/a/b/w out' a", .external), ("sed -n 'w out' a", .external), ("sed '1e date' a", .external),
        ("sed 's/a/date/e' a", .external), ("sed 's/a/date/ge' a", .external), ("sed 'b;w out' a", .external),
        ("sed '/x/W out' a", .external), ("sed -n -e p -e 'w out' a", .external), ("sed -f script a", .external),
        ("sed 's/[]/]/g;s/w a/b/' a", .external), ("sed --expr='w out' a", .external), ("sed -new a", .external),
        ("sed -i 's/a/b/' a", .contained), ("sed -nri '3a text' a", .contained), ("sed -i '$!N;P;D' a", .contained),
        ("sed -i 's/a/date/e' a", .external), ("sed -i -e 1d -e '2w out' a", .external),
    ])
    func scriptsOfSedAreRead(text: String, effect: Effect) {
        #expect(book.judge(Call("bash", ["command": .string(text)])).effect == effect)
    }

    @Test func whatIsUnknownWaitsUnlessItIsAssumedToStayInItsBranch() {
        #expect(book.judge(Call("send_mail")).effect == .external)
        #expect(book.judge(Call("cancel_order")).effect == .external)
        let assuming = ReplayBook(stated: ["cancel_order": "write"], assumesContained: true)
        #expect(assuming.judge(Call("cancel_order")).effect == .contained)
        #expect(assuming.judge(Call("bash", ["command": "make"])).effect == .contained)
    }

    @Test func anEditThatTheLogCallsAReadIsNone() {
        let edit: JSON = ["command": "str_replace", "path": "a", "old_str": "x", "new_str": "y"]
        #expect(book.judge(Call("EditActionArguments", edit)).effect == .contained)
        #expect(book.judge(Call("Search", ["query": "x"])).effect == .readOnly)
        #expect(book.judge(Call("Finish")).effect == .external)
        #expect(book.judge(Call("Read", ["file_path": "a"])).effect == .readOnly)
        #expect(book.judge(Call("Write", ["file_path": "a"])).effect == .contained)
    }

    @Test func aMalformedCallIsNeverTheSameAsAnother() {
        let malformed = book.judge(Call("Search", malformed: "{\"query\""))
        #expect(malformed.effect == .external && malformed.identity != book.judge(Call("Search")).identity)
    }
}
