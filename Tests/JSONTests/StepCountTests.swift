import JSON

#if DEBUG
    import JSON
    import Testing

    /// What is done with JSON costs as much as the JSON is long.
    @Suite(.timeLimit(.minutes(5)))
    struct StepCountTests {
        @Test func anObjectWithTwiceTheMembersIsReadInTwiceTheSteps() throws {
            try expectTwice { count in
                let text = Self.object(count)
                return { _ = try JSONValue.parse(text) }
            }
        }

        @Test func aPatchThatAddsTwiceAsMuchIsMergedInTwiceTheSteps() throws {
            try expectTwice { count in
                let value = try JSONValue.parse(Self.object(count))
                let patch = try JSONValue.parse(Self.object(count, "n"))
                return { _ = value.merging(patch) }
            }
        }

        @Test(arguments: ["k", "n"])
        func aPatchThatRemovesTwiceAsMuchIsMergedInTwiceTheSteps(key: String) throws {
            try expectTwice { count in
                let value = try JSONValue.parse(Self.object(count))
                let patch = try JSONValue.parse(Self.object(count, key, "null"))
                return { _ = value.merging(patch) }
            }
        }

        private static func object(_ count: Int, _ key: String = "k", _ value: String = "0") -> String {
            "{\((0..<count).map { #""\#(key)\#($0)":\#(value)"# }.joined(separator: ","))}"
        }

        private func expectTwice(_ body: (_ count: Int) throws -> () throws -> Void) throws {
            let (work, twice) = (try body(1000), try body(2000))
            let (steps, moreSteps) = (try Steps.counted(work), try Steps.counted(twice))
            #expect(steps >= 1000 && moreSteps <= steps * 2 + 100)
        }
    }
#endif
