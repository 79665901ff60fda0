"""Undressing, nakedness and sex told by a whole phrase: who takes what off, what is left uncovered."""

import re

from studio.domain import policy_words as lists
from studio.domain.policy_undress_abroad import ABROAD

_G = f"(?:{lists.GARMENTS})"
_WHOSE = (
    r"(?:(?:her|his|their|the|my|your|all|any|of|every|a|an|womans|models|persons|that|this|those|off) ){0,4}"
)
_STYLE = r"(?:(?!hat|from)\w+ ){0,2}"
_KEPT = (
    r"(?! (?:hat|layer|shelf|half|floor|knot|code|of the|drawer|rehearsal|row|deck|sheet|stain|tag|label)\b)"
    r"(?! (?:from|out of|off|on|in|into|to) (?:the|a|an|her|his|their) (?:\w+ )?(?:machine|washing|dryer|suitcase|closet|wardrobe|line|"
    r"clothesline|rack|basket|bag|shop|store|drawer|hanger|box|hook|shelf|mannequin|laundry|dry cleaner|tailor|display|wall)\b)"
)
_ENGLISH = tuple(
    re.compile(rf"\b{pattern}")
    for pattern in (
        rf"(?:remov\w*|eras\w*|delet\w*|shed|sheds|shedding|strip(?:s|ped|ping)?|unhook\w*|unclasp\w*|discard\w*|minus|rid of|drop|drops|dropping|lose|loses|losing) {_WHOSE}{_STYLE}{_G}\b{_KEPT}",
        rf"(?:without|no|not wearing|isnt wearing|wearing no|wears no|lacking|sans) {_WHOSE}(?!dress code|top)(?:clothes|clothing|garments?|shirt|blouse|bra|panties|panty|underwear|undies|knickers|pants|trousers|top|swimsuit|bikini|bathing suit)\b(?! on the| hat| ?,? no sh| code| shelf| floor| layer)",
        rf"(?:tak(?:e|es|ing|en)|took|pull\w*|slip\w*|peel\w*|rip\w*|tear\w*|tore|throw\w*|toss\w*|cast\w*|slid\w*|get\w*|com\w+|fling\w*) (?:off|out of) {_WHOSE}{_STYLE}{_G}\b{_KEPT}",
        rf"(?:tak(?:e|es|ing|en)|took|pull\w*|slip\w*|peel\w*|rip\w*|tear\w*|tore|throw\w*|toss\w*|slid\w*|fling\w*) {_WHOSE}{_STYLE}{_G} (?:off|down|aside)\b(?! (?:the|a|its|of) )",
        r"(?:lift\w*|rais\w*|hik\w*) (?:up )?(?:her|his|their) (?:\w+ )?(?:shirt|top|dress|skirt|blouse|bra|tshirt)\b(?! hem)",
        rf"(?:pull|tug|yank|push|roll|slid|hik)\w* (?:down|up|aside|apart|open) {_WHOSE}{_STYLE}(?:panties|panty|bra|top|dress|skirt|shirt|blouse|underwear|bikini|swimsuit|pants|shorts|knickers)\b{_KEPT}",
        r"(?:unbuttoning|unzipping|untying|opening|unlacing|unbuttons|unzips|unties|opens) (?:her|his|their) (?:\w+ )?(?:blouse|shirt|dress|bra|bikini|robe|bathrobe|trousers|pants|gown|jeans)\b",
        rf"{_G} (?:is |are |was |slowly )?(?:falling|falls|fell|slipping|slips|coming|comes|sliding|torn|ripped|pulled|taken|peeled|all) off\b(?! (?:a|the) (?:hanger|chair|hook|line|shelf|rack))",
        r"(?:bra|panties|underwear|clothes) (?:is |are )?(?:lying |scattered )?(?:all )?(?:on|over|across) the (?:bedroom )?floor\b",
        rf"{_G} (?:pulled|hiked|rolled|pushed|yanked|tugged) (?:down|up|off|aside)\b",
        rf"{_G} (?:pulled|falling|pooled|dropped|down|lying)? ?(?:around|at) her (?:ankles|feet|waist|knees)\b",
        r"(?:wear\w*|clad|dressed|covered|draped) (?:in |by |with )?(?:only|just|nothing but|nothing except|solely|nothing more than|nothing other than|nothing) (?:in |by |with )?(?:a |an |her |his |some |the )?(?:\w+ )?"
        r"(?:smile|towel|apron|thong|paint|bodypaint|sheet|bedsheet|socks|hat|heels|boots|necklace|jewelry|jewellery|pearls|stockings|scarf|panties|cream|flowers|leaves|bubbles|foam|strings?|ribbons?|ribbon|choker|tie|shoes)\b(?! (?:over|and a|with a) )",
        r"(?:only|just|nothing but) (?:a |an )?(?:small |tiny |white )?(?:smile|towel|thong|fig leaf|body paint|bodypaint) (?:on|covering|to cover)\b",
        r"(?:cover\w*|cupping|grabbing|squeezing|fondl\w*|grop\w*) (?:her|his|their) (?:own )?(?:bare )?(?:chest|bosom|bust|breasts?|crotch|nipples?|buttocks|butt|ass)\b",
        r"(?:see ?through|transparent|translucent|invisible) (?!umbrella|rain|poncho)(?:\w+ ){0,2}(?:blouse|shirt|tshirt|t shirt|dress|top|gown|bra|panties|lingerie|nightgown|negligee|nightie|bikini|swimsuit|clothes|clothing|outfit|leotard|bodysuit|skirt|pants|leggings|underwear|robe|bodystocking|tee)\b",
        r"see(?:s|ing)? (?:right |straight )?through (?:her|his|their|the|my) (?:\w+ )?(?:blouse|shirt|dress|top|gown|bra|bikini|swimsuit|clothes|clothing|outfit|skirt|underwear)\b",
        r"sheer (?:\w+ )?(?:bra|panties|lingerie|negligee|nightie|nightgown|underwear|bodysuit|teddy)\b",
        r"(?<!to )(?<!can )(?<!could )(?<!cannot )see ?through(?! (?:\w+ )?(?:umbrellas?|raincoats?|coat|poncho|bags?|case|phone|glass|bottles?|boat|bottom|containers?|curtains?|doors?|windows?|walls?|tent|visor|goggles|backpack|box|boxes|bubble|plastic|water|ice|lens|display|screen|kayak|canoe|roof|tote|panel|dome|jar|vase|clock|piano|elevator|lift|floor|bridge|fish|frog|lid|keyboard|chair|table|shelf|fence|partition|fog|mist|smoke|lies|it|him|them)\b)"
        r"(?! (?:the|a|an|this|that|all) )",
        r"wet (?:white )?(?:t shirt|tshirt|tee|shirt|blouse|dress) (?:contest|clinging|see|sticking|nothing)\b",
        r"(?:bare|naked|nude|exposed|uncovered) (?:\w+ )?(?:breasts?|chest|bosom|torso|buttocks|butt|bottom|ass|backside|genitals|body)\b",
        r"(?:ass|butt|buttocks) (?:exposed|showing|up|visible|spread)\b",
        r"(?:clothes|clothing|garments?) (?:free|less|optional|removed|gone|off|missing|vanish\w*|disappear\w*|dissolv\w*)\b",
        r"(?:cover\w*|veiled|hidden|shielded|draped|protected|wrapped) (?:only|just|merely|solely|by nothing but|with nothing but|in nothing but) (?:by |with |in )?(?:her|his|their|a|the|some|long|own)? ?(?:\w+ ){0,2}?(?:hands?|arms?|hair|fingers|palms|petals|leaf|leaves|sheets?|bedsheet|blanket|towel|foam|bubbles|steam|shadows?|flowers|paint|mud|sunlight|moonlight)\b",
        r"(?:only|just|nothing but) (?:her |his |their )(?:own )?(?:hands?|arms?|hair|palms) (?:cover\w*|hid\w*|shield\w*)",
        r"(?:wear\w*|clad|dressed|wrapped|clothed) (?:in |by |with )?(?:only|just|nothing but|nothing except|solely|nothing more than|nothing other than|nothing) (?:in |by |with |the |a |her |his |some )*(?:\w+ )?(?:sunlight|sunshine|moonlight|candlelight|light(?= ?$)|shadows?|water|steam|mist|perfume|scent|skin|hair|hands|glitter|oil|lotion|sheets?|bedsheet|blanket|earrings|jewels|tattoos?|underwear|lingerie|bra|gloves|sunglasses|wind|air|stars)\b",
        r"nothing (?:at all )?(?:covering|hiding|concealing|over|across|protecting) (?:her|his|their|the) (?:\w+ )?(?:chest|breasts?|bust|bosom|body|skin|hips|bottom|behind|torso|nipples|modesty)\b",
        r"(?:show\w*|reveal\w*|see|sees|seeing|expos\w*|imagin\w*|what is|whats|what lies|look\w*) (?:me |us )?(?:what |whats |everything |all )*(?:is |lies |s )?(?:under|beneath|underneath|below|through|behind) (?:her|his|their|the models?|the womans?|the mans?) (?:\w+ )?(?:clothes|clothing|garments?|dress|shirt|blouse|top|skirt|robe|gown|underwear|bikini|swimsuit|towel|bra|outfit)\b",
        r"(?:let|lets|letting) (?:her|his|their|the|a) (?:\w+ )?(?:towel|robe|dress|gown|bathrobe|sheet|blouse|shirt|skirt|kimono|clothes|top|bra|bikini) (?:\w+ )?(?:drop|fall|slide|slip|glide|pool)\b",
        rf"{_G} (?:has |have |is |are |was |slowly |just )*(?:drop|slip|slid|glid|crumpl)\w* (?:softly |slowly |down |gently )*(?:to|onto|on|around|from|past|over) (?:the floor|her feet|his feet|the ground|her shoulders?|her hips?|her waist|the carpet|the rug)\b",
        rf"(?:tak(?:e|es|ing)|cut\w*|clear\w*|wip\w*|mak(?:e|es|ing)|edit\w*|photoshop\w*|magic\w*) (?:away |out )?{_WHOSE}(?:clothes|clothing|garments?|dress|shirt|blouse|underwear|bikini|swimsuit|top) (?:away|vanish|disappear|gone|invisible|transparent|see ?through|from (?:this|the|her|him) (?:person|woman|man|model|picture|photo|girl|image)|from (?:her|him|them))\b",
        r"tak(?:e|es|ing) away (?:the |her |his |all |their )*(?:clothes|clothing|garments?)\b",
        rf"(?:her|his|their) (?:\w+ )?(?:clothes|clothing|top|dress|shirt|bra|bikini|panties|underwear|blouse|robe|towel|swimsuit) (?:is |are |comes? |came |already |all |now )+(?:off|gone|undone|removed|discarded)\b{_KEPT}",
        r"(?:free|devoid|bereft|rid|divested|stripped|bare) of (?:all |any |her |his |their )*(?:clothes|clothing|garments?|attire|apparel|covering|dress|clothing)\b",
        r"(?:no|zero|without|hardly any|barely any|scarcely any|not any|minus|sans) (?:any |all |her |his )?(?:clothes|clothing|garments?|attire|apparel|raiment|coverings?|stitch\w*)\b(?! (?:line|shop|store|rack|on the|hanger|size|brand|tag))",
        r"(?:scantily|skimpily|barely|hardly) (?:clad|dressed|clothed|covered|covering)\b",
        r"(?:unattired|unrobed|ungarbed|unappareled|disrobed|state of undress|state of nature|as nature (?:intended|made)|as god (?:made|created)|in the nude|in the altogether|in the nuddy|day (?:she|he|they) (?:was|were) born|way (?:she|he) came into the world|stripped to the skin|adams? costume|eves? costume|adam and eve style)\b",
        r"(?:bare|naked|exposed) (?:behind|rear end|rear(?= ?$)|derriere|posterior|rump|buns|booty|loins)\b(?! (?:the|a|an|her|his|him) )",
        r"(?:breasts?|boobs|nipples?|bosom|buttocks|genitals|groin|private parts) (?:(?:are|is|fully|completely|clearly|partly|openly) )*(?:exposed|visible|bare|bared|uncovered|showing|showed|shown|on (?:full )?(?:display|show|view)|revealed|free|hanging out|spilling)\b",
        r"(?:visible|exposed|showing|uncovered|bared|bare|revealing|displaying) (?:her |his |their )?(?:\w+ )?(?:breasts?|nipples?|genitals?|buttocks|crotch|groin|private parts|pubic)\b",
        r"(?:sexually|overtly|openly) (?:suggestive|provocative|explicit|charged)|(?:suggestive|sexualised|sexualized|obscene|indecent|raunchy|lustful|kinky) (?:\w+ )?(?:pose|posing|position|expression|photo|picture|scene|act|shoot)\b",
        r"(?:explicit|steamy|x ?rated|hardcore|softcore|adults? only) (?:\w+ )?(?:picture|photo|image|content|scene|pose|material|shoot|movie|film|video|act|poster|moment)s?\b(?! (?:consent|label|warning))",
        r"(?:seductive\w*|sultry|sexy|lascivious\w*|provocative\w*) ?,? (?:\w+ ){0,5}(?:lingerie|underwear|panties|bra|nightie|negligee)\b|(?:lingerie|underwear|panties|bra|negligee|nightie) ?,? (?:\w+ ){0,5}?(?:seductive\w*|sultry|sexy|lascivious\w*|provocative\w*)",
        r"(?:sexual|carnal) (?:\w+ )?(?:act|acts|relations)|(?:having|during|mid|after|before) (?:intercourse|coitus|foreplay)|(?<!social )\bintercourse\b|copulat\w+|fornicat\w+|adult (?:film|movie|video|magazine|entertainment|star)s?\b|(?:lap dance|peep show|sensual massage|happy ending massage|in the throes of passion)\b",
        r"(?:clothesless|clothless|clothingless|braless|bra less|pantiless|unclothing)\b",
    )
)


_ALL_BARE = re.compile(
    r"\b(?:completely|totally|fully|entirely|utterly|wholly|all|perfectly) (?:bare|exposed|uncovered|stripped|revealed)"
    r"(?= ?$| (?:on|in|by|at|under|beneath|for|before|and|from|except|save|apart|skin|body|woman|man|model|lady|person)\b)"
)
_BARE_THINGS = re.compile(
    r"\b(?:trees?|branch\w*|twigs|fields?|walls?|rooms?|hills?|hillside|mountains?|floors?|shel(?:f|ves)|tables?|land\w*|islands?|rocks?|stage|gardens?|"
    r"ground|slopes?|bricks?|beams?|bulbs?|wires?|streets?|windows?|apartment|flat|kitchen|studio walls?|desk|wood|concrete|coast|cliffs?|hedge|vines?|roots?|film|negative|secret|plot|truth)\b"
)
"""What may be bare without being anybody."""


def undressing(flat: str) -> str:
    """The first phrase of a row of words that undresses somebody; empty when none does."""
    for pattern in (*_ENGLISH, *ABROAD):
        if found := pattern.search(flat):
            return found[0].strip()
    bare = _ALL_BARE.search(flat)
    return bare[0] if bare and not _BARE_THINGS.search(flat) else ""
