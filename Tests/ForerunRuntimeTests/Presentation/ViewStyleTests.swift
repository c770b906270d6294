import ForerunRuntime
import Testing

struct ViewStyleTests {
    @Test func colours() {
        func color(_ choice: Configuration.Color, isTerminal: Bool, _ environment: [String: String] = [:]) -> Bool {
            ViewStyle(choice, isTerminal: isTerminal, environment: environment).color
        }
        #expect(color(.auto, isTerminal: true))
        #expect(!color(.auto, isTerminal: false))
        #expect(!color(.auto, isTerminal: true, ["NO_COLOR": "1"]))
        #expect(color(.auto, isTerminal: true, ["NO_COLOR": ""]))
        #expect(!color(.auto, isTerminal: true, ["TERM": "dumb"]))
        #expect(color(.always, isTerminal: false, ["NO_COLOR": "1"]))
        #expect(!color(.never, isTerminal: true))
    }

    @Test func locales() {
        func unicode(_ environment: [String: String]) -> Bool {
            ViewStyle(.never, isTerminal: true, environment: environment).unicode
        }
        #expect(unicode(["LANG": "de_DE.UTF-8"]))
        #expect(unicode(["LANG": "C.utf8"]))
        #expect(!unicode(["LANG": "C"]))
        #expect(!unicode([:]))
        #expect(!unicode(["LANG": "de_DE.UTF-8", "LC_ALL": "C"]))
        #expect(unicode(["LANG": "C", "LC_ALL": "", "LC_CTYPE": "en_US.UTF-8"]))
    }
}
