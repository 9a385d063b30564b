import Testing

@testable import jobd

/// The reader, the shipped file and the reload know the same keys.
@Suite(.timeLimit(.minutes(5)))
struct ConfigurationKeyTests {
    /// Sections whose keys are single values.
    private static let sections = [
        "storage", "control", "front", "access", "limits", "sandbox", "retention", "quota.owner", "quota.total",
        "log",
    ]

    @Test(arguments: sections + ["queues.default", "pipelines.file_processing"])
    func theShippedFileExplainsEveryKey(section: String) throws {
        let shown = Shipped.configuration.matches(of: #/(?m)^\#? ?([A-Za-z]+) = /#).map { String($0.output.1) }
        let keys = try Self.keys(of: section)
        #expect(!keys.isEmpty)
        for key in keys where key != "steps" { #expect(shown.contains(key), "\(section).\(key)") }
    }

    @Test func theShippedFileExplainsEveryKeyOfAStep() throws {
        let keys = try Self.keys(of: "[pipelines.file_processing.steps]")
        #expect(keys.count > 15)
        for key in keys { #expect(Shipped.configuration.contains(try Regex("\\b\(key)\\b")), "\(key)") }
    }

    /// And so a reload says of every key that changed whether it is in force.
    @Test func everyKeyIsEitherPutInForceOrWantsARestart() throws {
        let read = try Self.sections.flatMap { section in try Self.keys(of: section).map { "\(section).\($0)" } }
        let told = (Configuration.reloadableKeys + Configuration.fixedKeys).map(\.path)
        #expect(told.sorted() == read.sorted())
    }

    @Test func whatChangedIsNamedByItsKey() throws {
        let before = try Configuration.read("", file: "f")
        let after = try Configuration.read(
            """
            log.level = "debug"
            limits.timeout = "1m"
            front.daemonWait = "1s"
            retention.ended = "1d"
            queues.new.width = 1
            """, file: "f")
        #expect(
            before.reloadableDifferences(to: after) == ["queues.new", "limits.timeout", "retention.ended", "log.level"])
        #expect(before.fixedDifferences(to: after) == ["front.daemonWait"])
        let reloaded = before.reloaded(from: after)
        #expect(reloaded.reloadableDifferences(to: after) == [] && reloaded.fixedDifferences(to: after).count == 1)
    }

    /// The reader names what it knows when it meets what it does not.
    private static func keys(of section: String) throws -> [String] {
        do throws(ConfigurationErrors) {
            _ = try Configuration.read("[\(section)]\nunheardOf = 1\n", file: "f")
            return []
        } catch {
            let error = try #require(error.errors.first { $0.message.contains("unknown key") })
            let names = try #require(error.message.split(separator: "take one of: ").last)
            return names.dropLast().split(separator: ", ").map(String.init)
        }
    }
}
