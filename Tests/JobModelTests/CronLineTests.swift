import Foundation
import JobModel
import JobTesting
import Testing

/// When a line comes true.
struct CronLineTests {
    private static func moment(_ text: String) throws -> Timestamp {
        try #require(Timestamp("\(text.replacing(" ", with: "T")):00.000Z"))
    }

    private static func next(_ line: String, after moment: String, in zone: TimeZoneRules = .utc) throws -> String? {
        let next = try CronLine(line).next(after: try Self.moment(moment), in: zone)
        return next.map { String($0.description.prefix(16)).replacing("T", with: " ") }
    }

    @Test(arguments: [
        ("* * * * *", "2026-11-26 12:00", "2026-11-26 12:01"), ("*/15 * * * *", "2026-11-26 12:46", "2026-11-26 13:00"),
        ("5/20 * * * *", "2026-11-26 12:06", "2026-11-26 12:25"), ("0 2 * * *", "2026-11-26 02:00", "2026-11-27 02:00"),
        ("30 4 1,15 * 5", "2026-11-26 12:00", "2026-11-27 04:30"),
        ("0 0 29 feb *", "2026-11-26 12:00", "2028-02-29 00:00"),
        ("0 0 L * *", "2026-02-01 00:00", "2026-02-28 00:00"), ("0 0 15,L 2 *", "2028-02-16 00:00", "2028-02-29 00:00"),
        ("0 9-17/4 * * mon-fri", "2026-11-27 17:00", "2026-11-30 09:00"),
        ("0 0 * * 7", "2026-11-26 00:00", "2026-11-29 00:00"), ("0 0 */1 * 7", "2026-11-26 00:00", "2026-11-29 00:00"),
        ("0 0 13 * 0-6", "2026-11-26 00:00", "2026-12-13 00:00"),
        ("0 0 * * Fri-Sun", "2026-11-28 00:00", "2026-11-29 00:00"),
        ("@hourly", "2026-11-26 12:00", "2026-11-26 13:00"), ("@daily", "2026-11-26 12:00", "2026-11-27 00:00"),
        ("@weekly", "2026-11-26 12:00", "2026-11-29 00:00"), ("@monthly", "2026-11-26 12:00", "2026-12-01 00:00"),
        ("@yearly", "2026-11-26 12:00", "2027-01-01 00:00"),
    ])
    func aLineComesTrue(line: String, after: String, expected: String) throws {
        #expect(try Self.next(line, after: after) == expected)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
        "*/0 * * * *", "5-1 * * * *", "a * * * *", "* * * janu *", "@reboot", "0 0 30 2 *", "0 0 31 4,6,9,11 *",
        "0 0 30 2 0-6",
        "1,,2 * * * *",
        "-1 * * * *", "1-2-3 * * * *", "* * * * L", "1/ * * * *",
    ])
    func anythingElseIsRefused(line: String) {
        #expect(throws: CronLine.Mistake.self) { try CronLine(line) }
    }

    // MARK: Clocks that are changed

    /// Line, zone, moment, and the moments that follow.
    @Test(
        .enabled(if: TimeZoneFile.areThere),
        arguments: [
            // Ahead at 01:00 UTC: 02:30 does not exist.
            ("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:30"]),
            // Back at 01:00 UTC: 02:30 comes twice.
            ("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),
            (
                "30 * * * *", "Europe/Berlin", "2026-10-24 23:45",
                ["2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30"]
            ),
            ("0 * * * *", "Europe/Berlin", "2026-03-29 00:00", ["2026-03-29 01:00", "2026-03-29 02:00"]),
            ("0,30 2 * * *", "Europe/Berlin", "2027-03-27 12:00", ["2027-03-28 01:00", "2027-03-29 00:00"]),
            ("15 2 * * *", "America/New_York", "2026-03-08 00:00", ["2026-03-08 07:00", "2026-03-09 06:15"]),
            ("15 1 * * *", "America/New_York", "2026-10-31 12:00", ["2026-11-01 05:15", "2026-11-02 06:15"]),
            (
                "*/30 * * * *", "America/New_York", "2027-11-07 05:00",
                ["2027-11-07 05:30", "2027-11-07 06:00", "2027-11-07 06:30"]
            ),
            // Half an hour, ahead at 15:30 UTC and back at 15:00 UTC.
            ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03 00:00", ["2026-10-03 15:30", "2026-10-04 15:15"]),
            ("45 1 * * *", "Australia/Lord_Howe", "2027-04-02 20:00", ["2027-04-03 14:45", "2027-04-04 15:15"]),
        ])
    func clocksThatAreChangedMakeNoSecondAndNoMissingMoment(
        line: String, name: String, after: String, expected: [String]
    ) throws {
        let zone = try TimeZoneFile.rules(name)
        let found = try CronLine(line).moments(after: try Self.moment(after), count: expected.count, in: zone)
        #expect(found.map { String($0.description.prefix(16)).replacing("T", with: " ") } == expected)
    }

    @Test func aFileThatIsNotOneOfTheDatabaseIsRefused() {
        #expect(TimeZoneRules([]) == nil)
        #expect(TimeZoneRules(Array("TZif2".utf8)) == nil)
        #expect(TimeZoneRules([UInt8](repeating: 0xFF, count: 500)) == nil)
    }

    /// Files that were cut or changed never end the process.
    @Test(.enabled(if: TimeZoneFile.areThere), arguments: 0..<20)
    func damagedFilesDoNoHarm(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = [UInt8](try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
        for _ in 0..<200 {
            var bytes = Array(whole.prefix(Int.random(in: 0...whole.count, using: &generator)))
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let zone = TimeZoneRules(bytes) else { continue }
            _ = zone.offset(at: Int64.random(in: -4_000_000_000...8_000_000_000, using: &generator))
        }
    }

    // MARK: Another implementation

    private static let python = ["/usr/local/bin/python3", "/usr/bin/python3"].first { path in
        guard FileManager.default.isExecutableFile(atPath: path) else { return false }
        // As Debian has it; later ones have other rules.
        return (try? run(path, "from importlib.metadata import version; assert version('croniter')[:2] == '1.'")) != nil
    }

    /// What croniter says of lines, an answer each: the next moments, or that it refuses the line.
    private static let script = """
        import json, sys
        from datetime import datetime, timezone
        from croniter import croniter
        for line, start in json.loads(sys.argv[1]):
            try:
                times = croniter(line, datetime.fromtimestamp(start, timezone.utc), max_years_between_matches=9)
                print(" ".join(str(int(times.get_next(float))) for _ in range(4)))
            except Exception as error:
                print("refused")
        """

    @discardableResult
    private static func run(_ path: String, _ script: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        struct Failed: Error {}
        guard process.terminationStatus == 0 else { throw Failed() }
        return String(decoding: data, as: UTF8.self)
    }

    @Test(.enabled(if: python != nil, "Python's croniter 1 is not there"), .timeLimit(.minutes(5)), arguments: 0..<4)
    func linesComeTrueAsForCroniter(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let cases = (0..<400).map { _ in
            (Self.line(using: &generator), Int64.random(in: 1_700_000_000..<2_000_000_000, using: &generator))
        }
        let asked = cases.map { "[\"\($0.0)\", \($0.1)]" }.joined(separator: ",")
        let answers = try Self.run(try #require(Self.python), Self.script, "[\(asked)]").split(separator: "\n")
        #expect(answers.count == cases.count)
        for ((line, start), answer) in zip(cases, answers) {
            // What it makes of L among others is its own.
            let days = line.split(separator: " ")[2]
            if days.contains("L"), days != "L" { continue }
            let found = (try? CronLine(line)).map { cron in
                cron.moments(after: Timestamp(milliseconds: start * 1000), count: 4, in: .utc)
                    .map { "\($0.milliseconds / 1000)" }.joined(separator: " ")
            }
            #expect(found ?? "refused" == answer, "\(line) after \(start)")
        }
    }

    private static func line(using generator: inout SeededGenerator) -> String {
        func field(_ range: ClosedRange<Int>, _ names: [String], last: Bool = false) -> String {
            func value() -> String {
                let number = Int.random(in: range, using: &generator)
                guard !names.isEmpty, number - range.lowerBound < names.count, Bool.random(using: &generator) else {
                    return "\(number)"
                }
                return names[number - range.lowerBound]
            }
            func part() -> String {
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: return "*/\(Int.random(in: 1...20, using: &generator))"
                case 1, 2:
                    let ends = [Int.random(in: range, using: &generator), Int.random(in: range, using: &generator)]
                        .sorted()
                    let step = Bool.random(using: &generator) ? "/\(Int.random(in: 1...9, using: &generator))" : ""
                    return "\(ends[0])-\(ends[1])\(step)"
                case 3 where last: return "L"
                default: return value()
                }
            }
            if Int.random(in: 0..<3, using: &generator) == 0 { return "*" }
            return (0...Int.random(in: 0..<3, using: &generator)).map { _ in part() }.joined(separator: ",")
        }
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        return [
            field(0...59, []), field(0...23, []), field(1...31, [], last: true), field(1...12, months),
            field(0...6, days),
        ].joined(separator: " ")
    }
}
