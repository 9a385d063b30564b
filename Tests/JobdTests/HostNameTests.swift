import Testing

@testable import jobd

struct HostNameTests {
    @Test(arguments: [
        ("localhost", "localhost"), ("Jobs.Example.COM", "jobs.example.com"), ("127.0.0.1", "127.0.0.1"),
        ("[FD00::1]", "[fd00::1]"), ("[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]"), ("a_b-c", "a_b-c"), ("9", "9"),
    ])
    func aNameIsOne(text: String, name: String) { #expect(HostName(text)?.description == name) }

    /// What nginx would take for a pattern or the end of a word most of all.
    @Test(arguments: [
        "", "a b", "a:80", "~a", "~.", "*.a", ".a", "-a", "a;", "a{", "\"a\"", "$a", "é", "[", "[]", "[a", "a]", "[a]b",
        "[a_b]", String(repeating: "a", count: 254),
    ])
    func anythingElseIsNone(text: String) { #expect(HostName(text) == nil) }

    @Test func thisMachinesNamesAreNames() {
        for name in HostName.ofThisMachine { #expect(HostName(name.description) == name) }
    }
}
