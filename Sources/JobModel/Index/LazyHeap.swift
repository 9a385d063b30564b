/// A binary heap whose owner decides late which entries still count.
///
/// The owner says, when an entry comes to the top or a sweep comes by, whether it is stale. So a job that leaves a queue costs
/// little, and undoing a change is adding an entry again.
package struct LazyHeap<Element: Comparable & Sendable>: Sendable {
    /// Entries that a sweep looks at.
    private static var sweepCount: Int { 16 }
    /// Stale entries that nobody minds.
    private static var staleCount: Int { 64 }

    private var elements: [Element] = []
    /// Where the next sweep goes on.
    private var cursor = 0

    /// Holds nothing.
    package init() {}

    /// Elements in it, those included that are no longer valid and have not come to the top.
    package var count: Int { elements.count }

    /// Puts an element in its place, in logarithmic time.
    package mutating func insert(_ element: Element) {
        elements.append(element)
        siftUp(from: elements.count - 1)
    }

    /// The smallest element that is not stale; stale ones before it are dropped.
    package mutating func first(where isCurrent: (Element) -> Bool) -> Element? {
        while let top = elements.first {
            if isCurrent(top) { return top }
            removeFirst()
        }
        return nil
    }

    /// Drops some of the stale entries once there are more entries than `live` ones, so that memory follows the live ones.
    ///
    /// Looks at a few only, the next time at the next few: with one call for each entry that becomes stale, few remain.
    package mutating func sweep(live: Int, isCurrent: (Element) -> Bool) {
        guard elements.count > live + Self.staleCount else { return }
        for _ in 0..<Self.sweepCount where !elements.isEmpty {
            if cursor >= elements.count { cursor = 0 }
            if isCurrent(elements[cursor]) { cursor += 1 } else { remove(at: cursor) }
        }
    }

    /// Gives back the room of entries that have gone.
    package mutating func shrink() {
        var fitting: [Element] = []
        fitting.reserveCapacity(elements.count)
        fitting += elements
        elements = fitting
    }

    /// Drops the smallest element, stale or not; without one does nothing.
    package mutating func removeFirst() {
        if !elements.isEmpty { remove(at: 0) }
    }

    private mutating func remove(at index: Int) {
        guard let last = elements.popLast(), index < elements.count else { return }
        elements[index] = last
        siftDown(from: index)
        siftUp(from: index)
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
                if elements[child] < elements[smallest] { smallest = child }
            }
            guard smallest != parent else { return }
            elements.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
