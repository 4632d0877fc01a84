package dev.emrys.testing.there.back

import dev.emrys.testing.there.Upper

class Lower(val upper: Upper?)
