/// A value that is seldom there: without it eight bytes, and with it a place of its own, which copies share.
///
/// A job is copied often on its road, and each text in it is counted each time.
@propertyWrapper
package struct Boxed<Value: Hashable & Sendable>: Hashable, Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    /// Allocates when there is a value.
    package init(wrappedValue: Value?) { box = wrappedValue.map(Box.init) }

    /// A new one has a place of its own: copies that were made before keep theirs.
    package var wrappedValue: Value? {
        get { box?.value }
        set { box = newValue.map(Box.init) }
    }

    /// By value; copies of one are equal without a look at it.
    package static func == (one: Boxed, other: Boxed) -> Bool {
        one.box === other.box || one.wrappedValue == other.wrappedValue
    }

    /// By value.
    package func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}
