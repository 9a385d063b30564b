import JobModel
import JobStorage
import JobWire

/// What follows when the store has refused decisions.
struct TakenBack {
    /// To be written as they are: they do not rest on what was refused.
    var kept: [Decision] = []
    /// To be decided again, in this order.
    var again: [Proposal] = []
    var refused: [(reply: Reply, refusal: Refusal)] = []
    /// What somebody else has stored.
    var foreign = StoreError.Conflict()
    /// What the operator has to know of decisions that are lost.
    var losses: [String] = []

    mutating func refuse(_ proposal: Proposal, _ refusal: Refusal) {
        if let reply = proposal.reply { refused.append((reply, refusal)) }
    }
}
