# Methods: three methods on SS1, two searches each, and every network that is found is trained three times.
use "ss1.nas"

sweep methods {
    spaces:     SS1
    methods:    darts, fairdarts, forcedarts
    data:       fsdd
    searches:   2
    retrains:   3
    data.split: speaker
}
