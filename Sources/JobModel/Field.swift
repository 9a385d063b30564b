/// A field of an update: left out, or set to a value or to null.
package enum Field<Value: Hashable & Sendable>: Hashable, Sendable {
    case absent
    case set(Value?)

    /// What is in force afterwards.
    package func applied(to old: Value?) -> Value? {
        switch self {
        case .absent: old
        case .set(let value): value
        }
    }
}
