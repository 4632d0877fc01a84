package dev.emrys.testing.there

import dev.emrys.testing.there.back.Lower

class Upper(val lower: Lower?)
