import JobModel
import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct ConfigurationPartsTests {
    @Test(arguments: [
        ("600ms", Duration.milliseconds(600)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("24h", .seconds(86_400)),
        ("30d", .seconds(2_592_000)), ("0s", .zero),
    ])
    func aSpanIsANumberAndAUnit(text: String, span: Duration) {
        #expect(Span.parse(text) == span)
        #expect(Span.parse(Span.text(span)) == span)
    }

    @Test(arguments: ["", "10", "s", "-1s", "1.5s", "1 s", "1w", "99999999999999999999s", "9223372036854775807d", "١s"])
    func anythingElseIsNoSpan(text: String) {
        #expect(Span.parse(text) == nil)
    }

    @Test func linesAreFoundThroughEveryFormOfTOML() {
        let lines = SourceLines.find(
            in: """
                # comment [not.a.table]
                a = "x # no comment"
                b.c = [ # one
                  1,
                  { d = 2 }, 3 ]
                [t."q.r"]
                'k' = \"\"\"
                e = 5
                \"\"\"
                f = 1979-05-27 07:32:00
                [[p.steps]]
                name = "one"
                [[p.steps]]
                name = "two"
                [p.steps.inner]
                g = true
                """)
        let found = Dictionary(uniqueKeysWithValues: lines.map { ($0.key.description, $0.value) })
        #expect(found["a"] == 2)
        #expect(found["b.c"] == 3)
        #expect(found["b.c[0]"] == 4)
        #expect(found["b.c[1].d"] == 5)
        #expect(found["t.\"q.r\".k"] == 7)
        #expect(found["t.\"q.r\".e"] == nil)
        #expect(found["t.\"q.r\".f"] == 10)
        #expect(found["p.steps[0].name"] == 12)
        #expect(found["p.steps[1].name"] == 14)
        #expect(found["p.steps[1].inner.g"] == 16)
    }

    @Test(arguments: ["[", "a = [", "a = {", "a = \"", "=", "[[a", "a = '''", "\\", "a..b = 1", "{}", "]"])
    func theWalkEndsOnBrokenText(text: String) {
        _ = SourceLines.find(in: text)
    }

    @Test func aMissingProgramIsNamedWithItsStep() throws {
        let missing = CheckConfig.missingPrograms(of: .shipped) { !["pdftotext", "tesseract"].contains($0) }
        #expect(
            missing.map(\.description) == [
                "pipelines.file_processing.steps[2]: the step extract-text needs pdftotext, which is not in "
                    + "/usr/local/bin:/usr/bin:/bin; install it, or write its absolute path.",
                "pipelines.file_processing.steps[5]: without tesseract, which is not in "
                    + "/usr/local/bin:/usr/bin:/bin, the step recognize-text is skipped.",
            ])
        #expect(missing.map(\.isOptional) == [false, true])
        #expect(CheckConfig.missingPrograms(of: .shipped) { _ in true }.isEmpty)
    }

    @Test func aFileThatIsNotThereIsAnError() {
        let report = CheckConfig(file: "/nonexistent/jobd.toml").report()
        #expect(report.exitCode == 78)
        #expect(
            report.lines == [
                "/nonexistent/jobd.toml: No such file or directory; name a file that can be read with --config."
            ])
    }
}
