import Foundation
import Testing

@testable import ForerunWorkspace

/// What no command gets to see.
struct SecretsTests {
    /// The logs of runs and their pipes, and settings, wherever the user keeps them.
    @Test(arguments: ["XDG_STATE_HOME", "XDG_CONFIG_HOME"])
    func placesOfForerunAreHidden(_ name: String) throws {
        let place = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: place.path + "/forerun/runs", withIntermediateDirectories: true)
        let masks = Secrets.masks(scratch: []) { $0 == name ? place.path : nil }
        #expect(masks.contains(place.path + "/forerun"))
        #expect(!Secrets.masks(scratch: []) { _ in nil }.contains(place.path + "/forerun"))
    }
}
