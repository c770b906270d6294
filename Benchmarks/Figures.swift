import ForerunCore
import Foundation

/// Where figures and notes go.
enum Figures {
    static func line(_ json: JSON) { FileHandle.standardOutput.write(Data((json.text + "\n").utf8)) }
    static func note(_ text: String) { FileHandle.standardError.write(Data("forerun-bench: \(text)\n".utf8)) }
    static func exit(_ status: Int32) -> Never { Foundation.exit(status) }
}
