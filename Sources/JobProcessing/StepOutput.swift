package import JobModel

/// What is made of what a step's command prints and leaves in its directory.
package struct StepOutput: Hashable, Sendable {
    /// The output that takes the place of the file that the step was given, for the steps behind it.
    package var nextInput: ArtifactName?
    /// Which printed lines are results, by the key of the result.
    package var facts: [String: Fact]
    /// Whether printed lines may be words, as those that are written to the pipe are.
    ///
    /// Only for programs that print nothing that is in a file: whoever makes the file would say the words.
    package var printsWords: Bool

    package init(nextInput: ArtifactName? = nil, facts: [String: Fact] = [:], printsWords: Bool = false) {
        self.nextInput = nextInput
        self.facts = facts
        self.printsWords = printsWords
    }
}
