import FoundationEssentials

/// What the build has put beside the tests.
package enum BuiltPrograms {
    /// The path of the executable, for tests whose target depends on it.
    package static let jobd: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return tests.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/jobd"
    }()
}
