import ForerunTesting
import Testing

@testable import ForerunLearning

struct ShellCommandTests {
    private func words(_ text: String) -> [[String]] { ShellCommand.parse(text).map(\.words) }

    @Test func quotesAndEscapesAreRemoved() {
        #expect(
            words(#"echo 'a b' "c d" e\ f 'it'"'"'s' "q\"x" "\n" $'t\tu'"#) == [
                ["echo", "a b", "c d", "e f", "it's", "q\"x", "\\n", "t\tu"]
            ])
        #expect(words("a '' \"\"") == [["a", "", ""]])
        #expect(words("a b\\\n c # no\nd#e") == [["a", "b", "c"], ["d#e"]])
    }

    @Test func expansionsStayAsTheyAreWritten() {
        #expect(
            words("echo $(ls | wc -l) \"$(cat 'a)b')\" `pwd` ${x} $HOME <(sort a)") == [
                ["echo", "$(ls | wc -l)", "$(cat 'a)b')", "`pwd`", "${x}", "$HOME", "<(sort a)"]
            ])
    }

    @Test func connectorsSeparateCommands() {
        let commands = ShellCommand.parse("a && b || c; d | e |& f & g\nh")
        #expect(commands.map(\.words) == [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"], ["h"]])
        #expect(commands.map(\.connector) == [.and, .or, .sequence, .pipe, .pipe, .sequence, .sequence, .sequence])
    }

    @Test func redirectionsAreNoWords() {
        let command = ShellCommand.parse("X=1 y < in > out 2>&1 >>more 2>/dev/null <<< word")[0]
        #expect(command.words == ["y"])
        #expect(command.assignments == ["X=1"])
        #expect(command.redirections.map(\.kind) == [.input, .output, .duplicate, .append, .output, .hereString])
        #expect(command.redirections.map(\.target) == ["in", "out", "1", "more", "/dev/null", "word"])
        #expect(ShellCommand.parse("a &> f")[0].redirections == [.init(kind: .output, target: "f")])
    }

    @Test func hereDocumentsAreNoCommands() {
        let commands = ShellCommand.parse("cat > f <<'EOF' && ls\nrm -rf /\nEOF\npwd <<-X\n\ta\n\tX\nid")
        #expect(commands.map(\.words) == [["cat"], ["ls"], ["pwd"], ["id"]])
        #expect(commands.flatMap(\.redirections).map(\.target) == ["f", "rm -rf /\n", "a\n"])
        #expect(words("cat <<EOF\nnever ends") == [["cat"]])
    }

    @Test func directoriesAreFollowed() {
        let commands = ShellCommand.parse("cd src && cat a; (cd ../lib && cat b); cat c; cd /x; cat ../d")
        #expect(commands.map(\.directory) == [nil, "src", "src", "lib", "src", "src", "/x"])
        #expect(
            commands.map { $0.resolved($0.words[1]) }
                == ["src", "src/a", "lib", "lib/b", "src/c", "/x", "/d"].enumerated().map {
                    // The arguments of `cd` are resolved from where it stands.
                    [0: "src", 2: "lib", 5: "/x"][$0.offset] ?? $0.element
                })
    }

    @Test func shellsInShellsAreEntered() {
        #expect(words("bash -lc 'cd a && cat b' | head") == [["cd", "a"], ["cat", "b"], ["head"]])
        #expect(words("timeout 10 sudo sh -c \"ls\"") == [["ls"]])
        #expect(
            words("for f in a b; do cat $f; done; if true; then ls; fi") == [
                ["for", "f", "in", "a", "b"], ["cat", "$f"], ["true"], ["ls"],
            ])
    }

    @Test(arguments: [
        "'", "\"", "`", "$(", "a\\", "<<", "<", ">", "2>", "&&", "|", ")", "(((", "cat <<'", "$'", "\u{0}", "#", "<(",
        "&>", "a=", "()", "{}",
    ])
    func unfinishedTextsAreNoProblem(text: String) {
        _ = ShellCommand.parse(text)
        _ = ShellUse.uses(of: "cat a && " + text)
        _ = ShellUse.uses(of: text + "\ncat a")
    }

    @Test func noiseIsNoProblem() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("ab '\"\\$()`<>|&;\n\t#=-{}0".unicodeScalars)
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<40, using: &random) {
                text.unicodeScalars.append(alphabet.randomElement(using: &random)!)
            }
            _ = ShellUse.uses(of: text)
            _ = SedCommand([text]).onlyTransforms
        }
    }

    @Test func nestingIsLimitedAndLengthIsLinear() {
        var text = "ls"
        for _ in 0..<12 { text = "bash -c '\(text.replacing("'", with: "'\\''"))'" }
        #expect(!ShellCommand.parse(text).isEmpty)
        // A quadratic parser would not come back from these.
        for part in ["(", "$(", "a;", "\"", "<<E ", "<<E\n", "`", "a|", "$( \" ", "((", ">&", "x=1 "] {
            _ = ShellCommand.parse(String(repeating: part, count: 100_000))
        }
    }
}

struct ShellUseTests {
    @Test func readsNameTheirFilesAndLines() {
        func reads(_ text: String) -> [FileSlice] {
            guard case .read(let slices)? = ShellUse.uses(of: text).first else { return [] }
            return slices
        }
        #expect(reads("cat a b") == [FileSlice("a"), FileSlice("b")])
        #expect(reads("sed -n '10,20p' a") == [FileSlice("a", lines: .init(10, 20))])
        #expect(reads("sed -n 5p a") == [FileSlice("a", lines: .init(5, 5))])
        #expect(reads("sed -n '5,$p' a") == [FileSlice("a", lines: .init(5, nil))])
        #expect(reads("sed -n -e '5,+3p' a") == [FileSlice("a", lines: .init(5, 8))])
        #expect(
            reads("sed -ne5,7p -- a -b") == [FileSlice("a", lines: .init(5, 7)), FileSlice("-b", lines: .init(5, 7))])
        #expect(reads("sed -f script a") == [FileSlice("a")])
        #expect(reads("head -n 30 a") == [FileSlice("a", lines: .init(1, 30))])
        #expect(reads("head -30 a") == [FileSlice("a", lines: .init(1, 30))])
        #expect(reads("head a") == [FileSlice("a", lines: .init(1, 10))])
        #expect(reads("head -c 30 a") == [FileSlice("a")])
        #expect(reads("tail -n +7 a") == [FileSlice("a", lines: .init(7, nil))])
        #expect(reads("tail -20 a") == [FileSlice("a")])
        #expect(reads("nl -ba a | sed -n '10,20p'") == [FileSlice("a", lines: .init(10, 20))])
        #expect(reads("cd x && cat -n a | head -50") == [])
        #expect(
            ShellUse.uses(of: "cd x && cat -n a | head -50") == [
                .changeDirectory("x"), .read([FileSlice("x/a", lines: .init(1, 50))]),
            ])
        #expect(reads("bat -r 3:9 a") == [FileSlice("a", lines: .init(3, 9))])
        #expect(reads("wc -l < a") == [FileSlice("a")])
        #expect(reads("awk 'NR>3' a") == [FileSlice("a")])
    }

    @Test func searchesNameTheirPatternAndPaths() {
        #expect(
            ShellUse.uses(of: "grep -rn --include='*.py' -A 3 'def f' src lib") == [
                .search(pattern: "def f", paths: ["src", "lib"])
            ])
        #expect(ShellUse.uses(of: "rg -g '*.c' -e x src") == [.search(pattern: "x", paths: ["src"])])
        #expect(
            ShellUse.uses(of: "cd a && git grep foo") == [.changeDirectory("a"), .search(pattern: "foo", paths: [])])
        #expect(
            ShellUse.uses(of: "find . -name '*.py' -exec grep -l foo {} \\;") == [.search(pattern: "foo", paths: ["."])]
        )
        #expect(
            ShellUse.uses(of: "find src -name '*.py' | xargs grep foo") == [
                .list(paths: ["src"], pattern: "*.py"), .search(pattern: "foo", paths: []),
            ])
        #expect(ShellUse.uses(of: "cat a | grep x | head -5") == [.read([FileSlice("a")])])
        #expect(ShellUse.uses(of: "grep x a | head -5") == [.search(pattern: "x", paths: ["a"])])
    }

    @Test func listsNameTheirPaths() {
        #expect(ShellUse.uses(of: "ls -la src") == [.list(paths: ["src"], pattern: nil)])
        #expect(ShellUse.uses(of: "rg --files -g '*.c' src") == [.list(paths: ["src"], pattern: "*.c")])
        #expect(ShellUse.uses(of: "fd -e py foo src") == [.list(paths: ["src"], pattern: "foo")])
        #expect(ShellUse.uses(of: "git ls-files | head") == [.list(paths: [], pattern: nil)])
        #expect(ShellUse.uses(of: "git -c color.ui=never ls-files") == [.list(paths: [], pattern: nil)])
        #expect(ShellUse.uses(of: "git -c core.fsmonitor=./run ls-files") == [])
        #expect(ShellUse.uses(of: "git --exec-path=. grep foo") == [])
        #expect(ShellUse.uses(of: "tree -L 2 a") == [.list(paths: ["a"], pattern: nil)])
    }

    @Test func editsNameTheirFiles() {
        #expect(ShellUse.uses(of: "sed -i 's/a/b/' x y") == [.edit(["x", "y"])])
        #expect(ShellUse.uses(of: "sed -nri.old -e s/a/b/ x") == [.edit(["x"])])
        #expect(ShellUse.uses(of: "sed -i '' s/a/b/ x") == [.edit(["x"])])
        #expect(ShellUse.uses(of: "sed --in-place --expression=s/a/b/ -l 5 x") == [.edit(["x"])])
        #expect(ShellUse.uses(of: "cat > a <<'EOF'\nx\nEOF") == [.edit(["a"])])
        #expect(ShellUse.uses(of: "cat a > b") == [.read([FileSlice("a")]), .edit(["b"])])
        #expect(ShellUse.uses(of: "echo x >> a 2>/dev/null") == [.edit(["a"])])
        #expect(ShellUse.uses(of: "rm -rf a && mv b c") == [.edit(["a"]), .edit(["b", "c"])])
        #expect(ShellUse.uses(of: "find . -name '*.pyc' -delete") == [.edit(["."])])
    }

    @Test func anythingElseIsUnknown() {
        #expect(ShellUse.uses(of: "make test 2>&1 | tail -5") == [])
        #expect(ShellUse.uses(of: "python - <<E\nprint(1)\nE") == [])
        #expect(ShellUse.uses(of: "git diff; git status") == [])
    }
}
