/// The members of a JSON object in the order given; keys are unique.
///
/// Keys are the same when their bytes are, as RFC 8259 has it: the two ways to write "é" are two keys. A member is found
/// in the same time however many there are.
package struct JSONObject: Sendable {
    package struct Member: Sendable {
        package let key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Members that are looked for one after the other, because that is faster.
    private static var fewMembers: Int { 16 }

    package private(set) var members: [Member] = []
    /// Where each key is, once there are more than ``fewMembers``.
    private var places: [ByteKey: Int] = [:]

    package init() {}

    /// Of two members with the same key the last one counts.
    package init(_ members: some Sequence<Member>) {
        self.members.reserveCapacity(members.underestimatedCount)
        for member in members { self[member.key] = member.value }
    }

    /// Of members whose keys differ.
    init(unique members: [Member]) {
        self.members = members
        if members.count > Self.fewMembers { findPlaces() }
    }

    /// The value of a key.
    ///
    /// Nil means absent, which is not `null`; setting nil removes the member, which costs a step for each member.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): remove(where: { $0 == place })
            case (nil, let value?): append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Where the member with this key is among ``members``.
    package func place(of key: String) -> Int? {
        guard places.isEmpty else {
            Steps.count()
            return places[ByteKey(text: key)]
        }
        let length = key.utf8.count
        for place in members.indices {
            Steps.count()
            // Most keys differ in length, and comparing lengths copies nothing.
            guard members[place].key.utf8.count == length else { continue }
            if members[place].key.hasSameBytes(as: key) { return place }
        }
        return nil
    }

    /// Changes the members as an RFC 7396 merge patch says: a step for each member of both.
    package mutating func merge(_ patch: JSONObject) {
        var removed: Set<Int> = []
        for change in patch.members {
            switch (place(of: change.key), change.value) {
            case (let place?, .null): removed.insert(place)
            case (nil, .null): break
            case (let place?, let value): members[place].value = members[place].value.merging(value)
            case (nil, let value): append(Member(key: change.key, value: JSONValue.null.merging(value)))
            }
        }
        if !removed.isEmpty { remove(where: removed.contains) }
    }

    private mutating func append(_ member: Member) {
        // As many as most objects have: growing from one costs as much as reading them.
        if members.isEmpty { members.reserveCapacity(4) }
        members.append(member)
        if !places.isEmpty {
            places[ByteKey(text: member.key)] = members.count - 1
        } else if members.count > Self.fewMembers {
            findPlaces()
        }
    }

    private mutating func remove(where isRemoved: (_ place: Int) -> Bool) {
        members = members.indices.filter { !isRemoved($0) }.map { members[$0] }
        places = [:]
        if members.count > Self.fewMembers { findPlaces() }
    }

    private mutating func findPlaces() {
        places.reserveCapacity(members.count * 2)
        for (place, member) in members.enumerated() {
            Steps.count()
            places[ByteKey(text: member.key)] = place
        }
    }
}

extension JSONObject: Hashable {
    /// Members in another order make another object: what is kept is kept as it was given.
    package static func == (one: JSONObject, other: JSONObject) -> Bool { one.members == other.members }

    package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension JSONObject.Member: Hashable {
    package static func == (one: JSONObject.Member, other: JSONObject.Member) -> Bool {
        one.key.hasSameBytes(as: other.key) && one.value == other.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ByteKey(text: key))
        hasher.combine(value)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A key that is there twice has the last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        members.reserveCapacity(elements.count)
        for (key, value) in elements { self[key] = value }
    }
}
