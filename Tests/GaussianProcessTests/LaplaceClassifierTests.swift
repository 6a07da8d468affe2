import GaussianProcess
import Glibc
import Testing

@Suite struct LaplaceClassifierTests {
  @Test func `probabilities agree with an independent implementation`() throws {
    let dimensions: [Inputs.Dimension] = [.ordinal, .ordinal, .categorical]
    let classifier = try #require(
      LaplaceClassifier(
        hyperparameters: Hyperparameters(
          logLengthScales: [-0.6931471805599453, -0.2231435513142097, 0.26236426446749106],
          logSignalVariance: -0.35667494393873245, logTrendVariance: -0.916290731874155,
          logNoiseVariance: 0),
        inputs: Inputs(
          rows: [0, 0, 0, 0.25, 1, 1, 0.5, 0.3, 0, 0.9, 0.6, 2, 1, 0.1, 1], dimensions: dimensions),
        labels: [true, true, false, true, false], priorMean: 1))
    let found = classifier.probabilities(
      at: Inputs(rows: [0.4, 0.4, 0, 0.75, 0, 2, 0, 1, 1], dimensions: dimensions))
    let expected = [0.6039009523056229, 0.4924397858996168, 0.8082314362483443]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-6) }
  }

  @Test func `a boundary is found between failures and successes`() throws {
    let classifier = try #require(
      LaplaceClassifier(
        hyperparameters: HyperparameterPrior(dimensions: [.ordinal]).mode,
        inputs: Inputs(rows: [0, 0.1, 0.2, 0.6, 0.8, 1], dimensions: [.ordinal]),
        labels: [false, false, false, true, true, true], priorMean: 0))
    let found = classifier.probabilities(at: Inputs(rows: [0.05, 0.9], dimensions: [.ordinal]))
    #expect(found[0] < 0.4)
    #expect(found[1] > 0.6)
  }

  @Test func `what the others say of a point is what they say without it`() throws {
    let rows = [0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1]
    let labels = [false, false, true, false, true, true, false, true]
    func classifier(_ rows: [Double], _ labels: [Bool]) throws -> LaplaceClassifier {
      try #require(
        LaplaceClassifier(
          hyperparameters: HyperparameterPrior(dimensions: [.ordinal]).mode,
          inputs: Inputs(rows: rows, dimensions: [.ordinal]), labels: labels, priorMean: 0.5))
    }
    let found = try classifier(rows, labels).logLeaveOneOut
    for i in rows.indices {
      let rest = rows.indices.filter { $0 != i }
      let p = try classifier(rest.map { rows[$0] }, rest.map { labels[$0] })
        .probabilities(at: Inputs(rows: [rows[i]], dimensions: [.ordinal]))[0]
      #expect(abs(exp(found[i]) - (labels[i] ? p : 1 - p)) < 0.03)
    }
  }
}
