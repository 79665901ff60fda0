"""A name in one word beside what makes it somebody's: a title of state, a crown, a stage, a shirt."""

import re

from studio.domain.policy_text import normalise

_TITLES = (
    "president|presidente|presidenta|prasident|praesident|prezydent|presidentti|presidenten|президент|prime minister|premier|premierminister|"
    "primeiro ministro|primer ministro|premier ministre|ministerprasident|statsminister|paaministeri|bundeskanzler|bundeskanzlerin|kanzler|kanzlerin|"
    "chancellor|chancelier|canciller|cancelliere|chanceler|kanclerz|bondskanselier|vice president|mr president|politician|politiker|politikerin|politico|"
    "homme politique|polityk|poliitikko|политик|dictator|diktator"
)
_STATESPEOPLE = (
    "trump|biden|obama|bush|clinton|reagan|nixon|kennedy|carter|harris|vance|scholz|merz|merkel|schroder|schroeder|kohl|brandt|steinmeier|kurz|nehammer|"
    "macron|hollande|chirac|sarkozy|attal|barnier|bayrou|bardella|le pen|melenchon|starmer|sunak|truss|johnson|cameron|blair|thatcher|churchill|farage|badenoch|"
    "meloni|salvini|renzi|draghi|conte|mattarella|berlusconi|sanchez|rajoy|feijoo|abascal|zapatero|aznar|costa|montenegro|rutte|wilders|schoof|jetten|de wever|"
    "frederiksen|kristersson|stoltenberg|stubb|niinisto|orpo|marin|halonen|tusk|duda|nawrocki|kaczynski|morawiecki|walesa|orban|magyar|fico|pavel|babis|zeman|"
    "havel|iohannis|vucic|putin|medvedev|lavrov|yeltsin|gorbachev|lukashenko|zelensky|zelenskyy|poroshenko|klitschko|erdogan|imamoglu|ataturk|netanyahu|gantz|"
    "abbas|sisi|assad|raisi|khamenei|modi|gandhi|xi|hu jintao|kim jong un|abe|kishida|ishiba|takaichi|suga|yoon|moon|marcos|duterte|widodo|prabowo|trudeau|carney|"
    "poilievre|harper|albanese|morrison|rudd|ardern|luxon|lula|bolsonaro|rousseff|temer|milei|kirchner|macri|boric|pinera|bachelet|petro|duque|uribe|sheinbaum|"
    "lopez obrador|amlo|pena nieto|maduro|chavez|guaido|castro|bukele|noboa|correa|boluarte|fujimori|mandela|zuma|ramaphosa|mugabe|kagame|ruto|tinubu|"
    "von der leyen|guterres|metsola|navalny|путин|зеленский|трамп|байден|медведев|лукашенко|roosevelt|truman|eisenhower|hitler|stalin|mussolini"
)
_HONORIFICS = "mr|mrs|ms|herr|frau|senor|senora|monsieur|madame|signor|signora|pan|pani|mister|sir"
_UNMISTAKABLE = "trump|putin|merkel|scholz|macron|meloni|starmer|sunak|zelensky|erdogan|orban|netanyahu|bolsonaro|milei|tusk|trudeau|musk|bezos|zuckerberg"

_ROYAL = (
    r"(?:king|konig|roi|rey|re|rei|koning|krol|kuningas|kung|kong) (?:charles|karl iii|carlos iii|carl gustaf|carl xvi|felipe|willem alexander|harald|frederik|philippe|filip|abdullah|salman|juan carlos)(?! spaniel| street| hotel| cavalier| bridge)|"
    r"(?<!museo )(?<!hotel )(?:queen|konigin|reine|reina|regina|rainha|koningin|krolowa|kuningatar|drottning|dronning) (?:elizabeth|elisabeth|elisabetta|elzbieta|camilla|letizia|maxima|mathilde|silvia|sonja|margrethe|rania|sofia)(?! (?:hotel|street|line|class|2|grill|bridge|gate|hall|park|museum))|"
    r"(?:(?:crown )?prince|prinz|kronprinz|principe|prins|kronprins|ksiaze|prinssi) (?:william|harry|charles|andrew|edward|philip|george|louis|albert|haakon|frederik|carl philip|mohammed bin salman|ernst august)(?! (?:street|sound|island|county|hotel|edward|hall))|"
    r"(?:(?:crown )?princess|prinzessin|princesse|princesa|principessa|prinses|prinsessa|prinsessan|ksiezna|kronprinsessan?e?) (?:diana|kate|catherine|anne|eugenie|beatrice|charlotte|leonor|victoria|madeleine|estelle|mette marit|martha louise|caroline of monaco|stephanie of monaco|charlene|amalia|ingrid alexandra|margaret)(?! (?:hotel|cruise|line|street|hospital))|"
    r"(?:pope|papst|pape|papiez|paus|paavi|paven|santo padre) (?:francis|franziskus|francois|francisco|francesco|franciszek|franciscus|benedict|benedikt|leo|leon|leone|john paul|johannes paul|jan pawel)\b|papa (?:francesco|francisco|benedetto xvi|bento xvi|giovanni paolo|juan pablo|ratzinger|leone xiv|leon xiv)\b"
)

_STAGE = (
    "adele|rosalia|madonna|drake|cher|usher|sia|lorde|bono|sting|moby|enya|nena|falco|zaz|mahmood|juanes|maluma|ozuna|anuel|chayanne|ludmilla|alcione|mariza|loreen|kygo|"
    "kaarija|sanah|doda|tarkan|stormzy|halsey|kesha|sza|wizkid|indila|gims|booba|sido|bushido|clueso|jovanotti|zucchero|nek|fedez|dalida|dido|beck|hozier|zedd|fairouz|duki|"
    "feid|sade|aaliyah|ludacris|coolio|yungblud|shakira|rihanna|beyonce|morrissey|grimes|bjork"
)
_SINGER = (
    "singer|pop star|popstar|rapper|musician|rock star|diva|superstar|sangerin|sanger|chanteuse|chanteur|rappeur|cantante|cantora|cantor|zangeres|zanger|piosenkarka|piosenkarz|"
    "raper|laulaja|sangerskan|sangeren|певица|певец|sarkici"
)
_SINGS = (
    "in concert|live in|on stage|on tour|at the grammys|singing|sings|rapping|performing|cantando|chante|chantant|canta|che canta|singt|auf der buhne|sur scene|en concert|"
    "en concierto|sul palco|no palco|op het podium|na scenie|lavalla|im konzert|laulamassa|spiewa|zingt|pa scenen|поет|на сцене"
)
_PLAYERS = (
    "pele|kaka|xavi|pedri|gavi|rodri|isco|casemiro|vinicius|rodrygo|endrick|raphinha|cafu|rivaldo|romario|zico|garrincha|eusebio|figo|ederson|alisson|maradona|cruyff|beckham|rooney|"
    "salah|saka|bellingham|musiala|kroos|neuer|klopp|guardiola|mourinho|ancelotti|totti|pirlo|buffon|maldini|baggio|chiellini|donnarumma|nadal|alcaraz|sinner|hamilton|leclerc|senna|swiatek"
)
_PLAYER = (
    "footballer|football star|football legend|soccer star|soccer player|fussballer|fussballstar|footballeur|futbolista|calciatore|jogador|futebolista|voetballer|pilkarz|jalkapalloilija|"
    "fotbollsspelare|футболист|futbolcu|striker|goalkeeper|coach|trainer|entrenador|allenatore|tennis star|tennis player|tennista|tenista|tenisistka|formula one driver|f1 driver"
)

_TITLED = tuple(
    re.compile(normalise(pattern))
    for pattern in (
        rf"\b(?:{_TITLES}) (?:{_STATESPEOPLE})s?\b(?! (?:airport|street|library|park|square|bridge|avenue|memorial|museum|hotel))",
        rf"\b(?:{_HONORIFICS}) (?:{_UNMISTAKABLE})\b",
        rf"\b(?:{_ROYAL})",
        rf"\b(?:{_SINGER}) (?:{_STAGE})\b|\b(?:{_STAGE}) (?:the (?:{_SINGER})|{_SINGS})\b",
        rf"\b(?:{_PLAYER}) (?:{_PLAYERS})\b|\b(?:{_PLAYERS}) (?:scoring|at the world cup|at wimbledon|lifting the (?:cup|trophy))\b",
        r"(?<!\ba )(?<!the )(?<!no )(?<!of )(?<!to )\btrump (?:playing|speaking|smiling|eating|holding|wearing|laughing|dancing|shaking|rally|waving|golfing|supporters? with him|at a|at the|in a|as a)\b",
    )
)


def titled(view: str) -> str:
    """The words of a view that name somebody by title and one name; empty when none do."""
    for pattern in _TITLED:
        if found := pattern.search(view):
            return found[0]
    return ""
