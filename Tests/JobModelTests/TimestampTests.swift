import JobModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_759_933_184_539, "2025-10-08T14:19:44.539Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func momentsAreWrittenAndReadBack(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("2026-11-23T12:00:00Z", 1_795_435_200_000), ("2026-11-23T14:00:00.5+02:00", 1_795_435_200_500),
        ("2026-11-23t11:30:00.123456z", 1_795_433_400_123), ("2026-11-23T09:30:00-02:30", 1_795_435_200_000),
    ])
    func otherFormsOfTheStandardAreRead(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T12:00:00",
        "2026-11-23T12:00:00.Z", "2026-11-23T12:00:00+2:00", "2026-11-23T12:00:00ZZ", "yesterday at twelve o'clock",
    ])
    func whatIsNoMomentIsRefused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func sumsStayInTheirRange() {
        #expect(Timestamp(milliseconds: .max) + .seconds(1) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: 0) + .seconds(Int64.max) == Timestamp(milliseconds: .max))
    }
}
