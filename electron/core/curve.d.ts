/** A loss curve of bounded size: once full, neighbouring buckets are merged; each keeps its least and greatest value, so spikes survive. */
export interface Bucket {
    readonly firstStep: number;
    readonly lastStep: number;
    readonly sum: number;
    readonly count: number;
    readonly low: number;
    readonly high: number;
    /** Steps whose value was NaN or infinite; they are not in `sum`. */
    readonly nonFinite: number;
}
export interface Curve {
    /** Steps a full bucket spans: a power of two. */
    readonly span: number;
    readonly buckets: readonly Bucket[];
}
export declare const EMPTY_CURVE: Curve;
export declare const MAX_BUCKETS = 600;
export declare function addPoint(curve: Curve, step: number, value: number): Curve;
/** Drops what stood after `step` (a resumed run does those steps again); a bucket that straddles it goes whole. */
export declare function dropAfter(curve: Curve, step: number): Curve;
export declare function mean(bucket: Bucket): number;
