/// A part of a value that nearly always is the same.
package protocol Usual: Hashable {
    /// What it nearly always is.
    static var usual: Self { get }
}

/// A part that nearly always has its usual value.
///
/// That takes eight bytes; any other value lies in memory of its own, which copies share. A job is copied often on its road,
/// and each text in it is counted each time.
@propertyWrapper
package struct Boxed<Value: Usual & Sendable>: Hashable, Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    /// Allocates when the value is not the usual one.
    package init(wrappedValue: Value) { box = Self.box(for: wrappedValue) }

    /// A new one has memory of its own: copies that were made before keep theirs.
    package var wrappedValue: Value {
        // Lent, not copied: who asks for one field of it pays for that alone.
        _read { if let box { yield box.value } else { yield Value.usual } }
        set { box = Self.box(for: newValue) }
    }

    /// As `$part`: itself.
    package var projectedValue: Boxed { self }

    /// Whether its value is the usual one; compares nothing.
    package var isUsual: Bool { box == nil }

    /// Nil for the usual value, which is not copied.
    package var unusual: Value? { box?.value }

    private static func box(for value: Value) -> Box? { value == .usual ? nil : Box(value) }

    /// By value; copies of one are equal without a look at it.
    package static func == (one: Boxed, other: Boxed) -> Bool {
        one.box === other.box || one.wrappedValue == other.wrappedValue
    }

    /// By value.
    package func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}
