import JobAccess
import Testing

struct RefusalBudgetTests {
    @Test func aFewAreToldInEachSecondAndTheOthersAreCounted() {
        var budget = RefusalBudget()
        let first = (0..<100).map { _ in budget.take(in: 7) }
        #expect(first.map(\.isTold) == (0..<100).map { $0 < 10 })
        #expect(first.allSatisfy { $0.untold == 0 })
        #expect(budget.take(in: 8) == (true, 90))
        #expect(budget.take(in: 9) == (true, 0))
    }
}
